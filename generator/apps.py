from django.apps import AppConfig


class GeneratorConfig(AppConfig):
    name = "generator"
    verbose_name = "Pictures and the ledger"

    def ready(self) -> None:
        from generator import checks, store  # noqa: F401 (they register what they answer to)
        from generator.worker import looks, months, tasks  # noqa: F401 (they register what they answer to)
