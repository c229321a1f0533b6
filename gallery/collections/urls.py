"""What members keep together."""

from django.urls import path

from gallery.collections import views

urlpatterns = [
    path("images/<uuid:pk>/favourite/", views.favourite, name="favourite"),
]
