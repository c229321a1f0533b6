"""What members say about a picture."""

from django.urls import path

from gallery.feedback import views

urlpatterns = [
    path("images/<uuid:pk>/rate/", views.rate, name="rate"),
    path("images/<uuid:pk>/comment/", views.comment, name="comment"),
    path("images/<uuid:pk>/report/", views.report, name="report"),
    path("images/<uuid:pk>/provider-feedback/", views.provider_feedback, name="provider_feedback"),
    path("comments/<uuid:pk>/edit/", views.edit_comment, name="edit_comment"),
    path("comments/<uuid:pk>/delete/", views.delete_comment, name="delete_comment"),
]
