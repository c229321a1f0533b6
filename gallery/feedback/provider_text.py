"""A text for the provider of the image API, ready to copy; nothing is sent anywhere.

The API calls the reply's id and user "useful for submitting feedback" but documents no address for it
(docs/onlysq-api.md, section 4). The key is never part of it.
"""

from __future__ import annotations

from django.utils import timezone

from generator.models import Call, Image


def facts(image: Image) -> str:
    """One fact a line; what the API did not say is left out.

    Reads `image.call` and `image.generation`: select them together with the picture.
    """
    call = image.call
    known = {
        "Reply id": call.reply_id,
        "API user": call.api_user,
        "Model": call.reply_model or image.generation.model,
        "Created": _moment(call),
        "Size": f"{image.width}x{image.height}",
        "Ratio": image.generation.ratio,
        "Elapsed time": f"{call.elapsed_time:.1f} s" if call.elapsed_time is not None else "",
    }
    return "\n".join(f"{name}: {value}" for name, value in known.items() if value not in ("", None))


def prepared_text(image: Image, words: str = "") -> str:
    """The facts and, below them, the person's words."""
    return f"{facts(image)}\n\n{words.strip()}".strip()


def _moment(call: Call) -> str:
    moment = call.reply_created or call.received_at
    return f"{moment.astimezone(timezone.get_default_timezone()):%Y-%m-%d %H:%M:%S %Z}" if moment else ""
