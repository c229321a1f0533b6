"""Answers of whoever is asked to take pictures over; the question stands among their notices."""

from django.urls import path

from gallery.handover import views

urlpatterns = [
    path("handovers/<uuid:pk>/accept/", views.accept, name="accept_handover"),
    path("handovers/<uuid:pk>/decline/", views.decline, name="decline_handover"),
]
