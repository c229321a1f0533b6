"""Every address of the site. Each room has its own list; their names carry no namespace."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("gallery.browse.urls")),
    path("", include("gallery.alike.urls")),
    path("", include("gallery.lineage.urls")),
    path("", include("gallery.collections.urls")),
    path("", include("gallery.feedback.urls")),
    path("", include("gallery.moderation.urls")),
    path("", include("gallery.people.urls")),
    path("", include("gallery.account.urls")),
    path("", include("gallery.handover.urls")),
    path("", include("gallery.usage.urls")),
    path("", include("gallery.audit.urls")),
    path("", include("gallery.doctor.urls")),
    path("", include("generator.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
