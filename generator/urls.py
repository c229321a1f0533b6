"""The write side's addresses."""

from django.urls import path

from generator.views import cancel, create, dismiss, generation, live, not_charged, retry

app_name = "generator"
urlpatterns = [
    path("create/", create, name="create"),
    path("live/", live, name="live"),
    path("generations/<uuid:pk>/", generation, name="generation"),
    path("calls/<uuid:pk>/cancel/", cancel, name="cancel"),
    path("calls/<uuid:pk>/retry/", retry, name="retry"),
    path("calls/<uuid:pk>/dismiss/", dismiss, name="dismiss"),
    path("calls/<uuid:pk>/not-charged/", not_charged, name="not_charged"),
]
