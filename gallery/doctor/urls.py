"""Whether it is well: for machines, and for staff."""

from django.contrib import admin
from django.urls import path

from gallery.doctor import connect, views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("healthz/media", views.healthz_media, name="healthz_media"),
    path("healthz/session", views.healthz_session, name="healthz_session"),
    path("readyz", views.readyz, name="readyz"),
    path("connect-api/", connect.connect_api, name="connect_api"),
    path("admin/health/", admin.site.admin_view(views.health), name="health"),
]
