"""What looks nearly the same."""

from django.urls import path

from gallery.alike import views

urlpatterns = [
    path("images/<uuid:pk>/alike/", views.alike, name="alike"),
    path("mine/duplicates/", views.duplicates, name="duplicates"),
]
