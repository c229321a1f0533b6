"""The administration. Django looks for it by this name and finds every list here."""

from gallery.admin import registrations  # noqa: F401 (it registers what it holds)
