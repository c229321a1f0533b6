"""What pictures were made from."""

from django.urls import path

from gallery.lineage import views

urlpatterns = [path("images/<uuid:pk>/family/", views.family, name="family")]
