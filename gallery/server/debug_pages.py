"""What Django's page about an error, in debug mode, keeps to itself: besides keys, every address with a password."""

from __future__ import annotations

import re
from typing import Any

from django.views.debug import SafeExceptionReporterFilter

_ADDRESS = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^\s/@]*@", re.I)


class Filter(SafeExceptionReporterFilter):
    hidden_settings = re.compile(
        f"{SafeExceptionReporterFilter.hidden_settings.pattern}|DATABASE_URL|EMAIL_URL|CACHE_URL", re.I
    )

    def cleanse_setting(self, key: Any, value: Any) -> Any:
        """Also within values: a cache or a mail server is named by an address that may hold a password."""
        found = super().cleanse_setting(key, value)
        return _ADDRESS.sub(rf"\g<scheme>{self.cleansed_substitute}@", found) if isinstance(found, str) else found

    def get_safe_settings(self) -> dict[str, Any]:
        """What begins with an underscore is no setting, but a step on the way to one, whose parts have no names."""
        found = super().get_safe_settings()
        return {name: value for name, value in found.items() if not name.startswith("_")}
