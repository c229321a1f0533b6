"""What the API accepts and answers, in both documented dialects, as plain data.

`ratio` is the current documentation (since 2025-11): model, prompt, ratio. `size` is the earlier one (2025-07): model,
prompt, width, height, count. Neither says what happens to the other's fields; this server refuses them, because a
client that mixes dialects should hear about it here and not from the real service.
"""

from __future__ import annotations

import secrets
import string
import zlib
from dataclasses import dataclass
from typing import Any, Literal

Dialect = Literal["ratio", "size", "both"]

MAX_SIDE = 2048
MAX_COUNT = 4
DEFAULT_SIDE = 1024
SHARED_KEY = "openai"

# About one megapixel each, sides in steps of 16; 16:9 is the documented sample's 1344x768.
RATIOS = {
    "1:1": (1024, 1024),
    "16:9": (1344, 768),
    "21:9": (1568, 672),
    "3:2": (1248, 832),
    "2:3": (832, 1248),
    "4:5": (896, 1120),
    "5:4": (1120, 896),
    "3:4": (864, 1152),
    "4:3": (1152, 864),
    "9:16": (768, 1344),
    "9:21": (672, 1568),
}

_SIZE_FIELDS = ("width", "height", "count")


class RefusalError(Exception):
    """The request is answered with `status` and a sentence; nothing is charged."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Model:
    name: str
    kind: Literal["PNG", "JPEG"] = "PNG"
    modality: Literal["image", "text"] = "image"
    status: str = "work"
    owner: str = "Vitrine sandbox"


MODELS = {
    "kandinsky": Model("Kandinsky"),
    "flux": Model("Flux", "JPEG"),
    "flux-2-dev": Model("Flux 2 Dev", "JPEG"),
    "stable-diffusion-xl-base-1.0": Model("Stable Diffusion XL"),
    "gpt-image-1-mini": Model("GPT Image 1 Mini"),
    "nano-banana-pro": Model("Nano Banana Pro", status="down"),
    "gpt-4o-mini": Model("GPT-4o mini", modality="text"),
}


@dataclass(frozen=True)
class Order:
    """A valid request. `size` is (width, height) in pixels; without a ratio it is answered in the size dialect."""

    model: str
    prompt: str
    size: tuple[int, int]
    count: int = 1
    ratio: str | None = None

    @property
    def usage(self) -> int:
        """The documented example's arithmetic: floor(width x height / 800), here once per picture."""
        return self.size[0] * self.size[1] // 800 * self.count


def read_order(fields: object, dialect: Dialect) -> Order:
    """Check a decoded request body against the contract; raises RefusalError (400, 404, 503)."""
    if not isinstance(fields, dict):
        raise RefusalError(400, "The request body must be a JSON object.")
    model, prompt = _text(fields, "model"), _text(fields, "prompt")
    sized = [name for name in _SIZE_FIELDS if name in fields]
    if "ratio" in fields and dialect == "size":
        raise RefusalError(400, "This server speaks the size dialect: use width, height and count instead of ratio.")
    if sized and dialect == "ratio":
        raise RefusalError(400, f"This server speaks the ratio dialect: it has no {_listed(sized)}, use ratio.")
    if sized and "ratio" in fields:
        raise RefusalError(400, f"Send either ratio or {_listed(sized)}, not both.")
    if sized or dialect == "size":
        size = (_whole(fields, "width", DEFAULT_SIDE, MAX_SIDE), _whole(fields, "height", DEFAULT_SIDE, MAX_SIDE))
        order = Order(model, prompt, size, _whole(fields, "count", 1, MAX_COUNT))
    else:
        ratio = _ratio(fields)
        order = Order(model, prompt, RATIOS[ratio], ratio=ratio)
    _check_model(model)
    return order


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        raise RefusalError(400, f"The field {name} is required.")
    if not isinstance(value, str):
        raise RefusalError(400, f"The field {name} must be a string.")
    if not value.strip():
        raise RefusalError(400, f"The field {name} must not be empty.")
    return value


def _whole(fields: dict[str, Any], name: str, default: int, most: int) -> int:
    value = fields.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise RefusalError(400, f"The field {name} must be a whole number.")
    if not 1 <= value <= most:
        raise RefusalError(400, f"The field {name} must be between 1 and {most}.")
    return value


def _ratio(fields: dict[str, Any]) -> str:
    value = fields.get("ratio", "1:1")
    if not isinstance(value, str) or value not in RATIOS:
        raise RefusalError(400, f"The field ratio must be one of {', '.join(RATIOS)}.")
    return value


def _check_model(name: str) -> None:
    model = MODELS.get(name)
    if model is None:
        raise RefusalError(404, f"There is no model {name[:80]!r}.")
    if model.modality != "image":
        raise RefusalError(400, f"The model {name} does not make images.")
    if model.status != "work":
        raise RefusalError(503, f"The model {name} is not available at the moment.")


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def reply_fields(order: Order, reply_id: str, created: int, elapsed: float, user: int) -> dict[str, Any]:
    """The documented reply of the order's dialect, in the documented order; `files` is still empty."""
    fields: dict[str, Any] = {"id": reply_id, "created": created, "model": order.model}
    if order.ratio is None:
        fields |= {"count": order.count, "files": [], "size": {"width": order.size[0], "height": order.size[1]}}
    else:
        fields |= {"files": [], "ratio": order.ratio}
    return fields | {"elapsed-time": elapsed, "usage": order.usage, "user": user}


def new_id() -> str:
    """`imagen_` and 48 alphanumerics, never the same twice."""
    return "imagen_" + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(48))


def user_number(key: str) -> int:
    """0 for the shared key or none; else an opaque number that stays the same for the key."""
    return 0 if key in ("", SHARED_KEY) else zlib.crc32(key.encode("utf-8", "surrogateescape")) % 900_000 + 100_000


def models_reply() -> dict[str, Any]:
    """The body of GET /ai/models."""
    described = {name: _described(name, model) for name, model in MODELS.items()}
    kinds = {kind: {n: d for n, d in described.items() if d["modality"] == kind} for kind in ("text", "image")}
    return {"api-version": "sandbox", "models": described, "classified": kinds}


def _described(name: str, model: Model) -> dict[str, Any]:
    return {
        "name": model.name,
        "description": f"Stands in for {name}: its pictures are drawn by the sandbox.",
        "modality": model.modality,
        "owner": model.owner,
        "tier": 0,
        "cost": 0,
        "status": model.status,
        "can-stream": model.modality == "text",
        "can-tools": False,
        "can-think": False,
        "can-redraw": False,
    }
