"""Searches that somebody keeps."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from uuid6 import uuid7


class SavedSearch(models.Model):
    """What the address of a listing asks for, under a name; whoever is given the address finds what they may see."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_searches")
    name = models.CharField(max_length=80)
    scope = models.CharField(max_length=160, blank=True, help_text="whose pictures, as in addresses")
    q = models.CharField("what is asked", max_length=1000)
    order = models.CharField(max_length=12, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = "saved search"
        verbose_name_plural = "saved searches"
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="saved_search_once_by_name")]

    def __str__(self) -> str:
        return self.name
