"""The page that reads the audit log."""

from django.urls import path

from gallery.audit import views

urlpatterns = [path("audit/", views.audit, name="audit")]
