"""What pages say about limits."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils import timezone


def test_the_zone_in_which_days_begin_is_named() -> None:
    found = render_to_string("generator/create/_zone.html")
    assert f"Days and months begin at midnight, {timezone.get_default_timezone_name()}." in found
