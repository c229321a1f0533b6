"""How the queue is set up. Its rows are only wake-ups: what is to be done stands in the calls."""

from typing import Any


def configuration(workers: int, timeout: int) -> dict[str, Any]:
    """The queue's settings; `timeout` in seconds. `retry` follows from it, see generator/checks.py."""
    return {
        "name": "vitrine",
        "orm": "default",
        "broker_class": "generator.worker.tasks.WakeUps",
        "cache": "process",
        "workers": workers,
        "queue_limit": 1,
        "poll": 0.1,
        "guard_cycle": 0.5,
        "timeout": timeout,
        "retry": timeout * 2 + 60,
        "ack_failures": True,
        "max_attempts": 1,
        "save_limit": -1,
        "scheduler": False,
        "recycle": 200,
        "max_rss": 400_000,
        "label": "Queue",
    }
