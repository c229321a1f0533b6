"""The rows of the write side: what was asked for, what was paid for, what came back."""

from generator.models.call import Call
from generator.models.event import Event
from generator.models.generation import Generation
from generator.models.image import Image
from generator.models.limit import Limit
from generator.models.meter import LimitError, Meter
from generator.models.price import Price
from generator.models.provider import Provider
from generator.models.rollup import Span, Tally

__all__ = ["Call", "Event", "Generation", "Image", "Limit", "LimitError", "Meter", "Price", "Provider", "Span", "Tally"]
