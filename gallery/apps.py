from django.apps import AppConfig


class GalleryConfig(AppConfig):
    name = "gallery"
    verbose_name = "Members and feedback"

    def ready(self) -> None:
        from gallery import checks  # noqa: F401
        from gallery.audit.registration import watch

        watch()
