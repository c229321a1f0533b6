"""Who belongs here, and how people come in."""

from django.urls import include, path

from gallery.people import invitations, views

_people = [
    path("", views.people, name="people"),
    path("joining/", views.joining, name="joining"),
    path("invitations/", invitations.invite, name="invite"),
    path("invitations/<uuid:pk>/revoke/", invitations.revoke, name="revoke"),
    path("<int:pk>/", views.person, name="person"),
    path("<int:pk>/change/", views.person_change, name="person_change"),
    path("<int:pk>/activate/", views.person_activate, name="person_activate"),
    path("<int:pk>/deactivate/", views.person_deactivate, name="person_deactivate"),
    path("<int:pk>/approve/", views.approve, name="approve"),
    path("<int:pk>/decline/", views.decline, name="decline"),
]
urlpatterns = [
    path("people/", include(_people)),
    path("join/<str:token>/", invitations.join, name="join"),
]
