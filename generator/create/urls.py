"""Where people ask for pictures."""

from django.urls import path

from generator.create import views

urlpatterns = [path("create/", views.create, name="create")]
