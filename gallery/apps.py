from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.db.models.signals import post_migrate, pre_migrate


class GalleryConfig(AppConfig):
    default = True
    name = "gallery"
    verbose_name = "Members and feedback"

    def ready(self) -> None:
        from gallery import checks  # noqa: F401
        from gallery.audit.registration import watch
        from gallery.middleware import known_browser, signing_out
        from gallery.search import index, matching  # noqa: F401 - registers a lookup
        from gallery.server.triggers import restore_after_migrate, stand_aside_before_migrate
        from generator.worker.points import looked, tidied

        watch()
        index.watch()
        signing_out.watch()
        known_browser.watch()
        pre_migrate.connect(stand_aside_before_migrate, sender=self, dispatch_uid="triggers")
        post_migrate.connect(restore_after_migrate, sender=self, dispatch_uid="triggers")
        looked.connect(_look_at_mails, dispatch_uid="mail")
        tidied.connect(_forget_old_mails, dispatch_uid="mail")
        tidied.connect(_end_handovers, dispatch_uid="handover")


# The outbox is imported by those who use it: the web server's start need not wait for it.
def _look_at_mails(**_: object) -> None:
    from gallery.mail import outbox

    outbox.look()


def _forget_old_mails(**_: object) -> None:
    from gallery.mail import outbox

    outbox.forget_old()


def _end_handovers(**_: object) -> None:
    from gallery.handover import offers

    offers.look()


class AdministrationConfig(admin.AdminConfig):
    """Django's administration, on our site of it."""

    default = False
    default_site = "gallery.admin_site.Administration"
