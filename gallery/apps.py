from django.apps import AppConfig
from django.contrib.admin import apps as admin


class GalleryConfig(AppConfig):
    default = True
    name = "gallery"
    verbose_name = "Members and feedback"

    def ready(self) -> None:
        from gallery import checks  # noqa: F401
        from gallery.audit.registration import watch
        from gallery.middleware import known_browser, signing_out

        watch()
        signing_out.watch()
        known_browser.watch()


class AdministrationConfig(admin.AdminConfig):
    """Django's administration, on our site of it."""

    default = False
    default_site = "gallery.admin_site.Administration"
