"""A practice server for the image API: the documented contract over real HTTP, with drawn pictures and named faults.

Nothing else of the project is imported here, so that the server cannot agree with the client by accident.
"""

from generator.sandbox.faults import Fault
from generator.sandbox.server import SandboxServer

__all__ = ["Fault", "SandboxServer"]
