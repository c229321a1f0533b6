"""The rows of the write side: what was asked for, what was paid for, what came back."""

from generator.models.accounting.limit import Limit
from generator.models.accounting.meter import LimitError, Meter
from generator.models.accounting.price import Price
from generator.models.accounting.tally import Span, Tally
from generator.models.call import Call
from generator.models.event import Event
from generator.models.generation import Generation
from generator.models.image import Image
from generator.models.month import Month, MonthCount
from generator.models.provider import Provider

__all__ = [
    "Call", "Event", "Generation", "Image", "Limit", "LimitError", "Meter", "Month", "MonthCount", "Price", "Provider",
    "Span", "Tally",
]  # fmt: skip
