"""The write side's addresses, all in the namespace `generator`."""

from django.urls import include, path

app_name = "generator"
urlpatterns = [
    path("", include("generator.create.urls")),
    path("", include("generator.progress.urls")),
]
