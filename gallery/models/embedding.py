"""What a model of the admin's says of a picture."""

from __future__ import annotations

from django.db import models

from generator.models import Image


class Embedding(models.Model):
    """The vector of a picture, see gallery.semantic.vectors; there are none without a model."""

    image = models.OneToOneField(
        Image, on_delete=models.CASCADE, primary_key=True, related_name="embedding", verbose_name="picture"
    )
    signs = models.BinaryField(help_text="a bit for each number")
    steps = models.BinaryField(help_text="a byte for each number")

    class Meta:
        verbose_name = "vector of a picture"
        verbose_name_plural = "vectors of pictures"

    def __str__(self) -> str:
        return f"vector of picture {self.pk}"
