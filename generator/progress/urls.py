"""Where people follow what they asked for, and act on its calls."""

from django.urls import path

from generator.progress import calls, generation, live

urlpatterns = [
    path("live/", live.live, name="live"),
    path("generations/<uuid:pk>/", generation.generation, name="generation"),
    path("calls/<uuid:pk>/cancel/", calls.cancel, name="cancel"),
    path("calls/<uuid:pk>/retry/", calls.retry, name="retry"),
    path("calls/<uuid:pk>/store-again/", calls.store_again, name="store_again"),
    path("calls/<uuid:pk>/dismiss/", calls.dismiss, name="dismiss"),
    path("calls/<uuid:pk>/not-charged/", calls.not_charged, name="not_charged"),
]
