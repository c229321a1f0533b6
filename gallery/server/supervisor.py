"""supervisord for a terminal: `python -m gallery.server.supervisor`, with supervisord's own arguments.

It is a daemon at heart. A terminal that is closed makes it begin anew, and a line that nobody reads any more (`make
run | tee log`, Ctrl-C) makes it fall over what it wanted to say and leave its programs behind. Here the first stops
everything, as Ctrl-C does, and such a line is lost. `nohup` is respected.
"""

from __future__ import annotations

import os
import signal
import sys

from supervisor.loggers import Handler
from supervisor.options import ServerOptions
from supervisor.supervisord import go


class ForegroundOptions(ServerOptions):  # type: ignore[misc]
    """supervisord's, except for what the end of a terminal means."""

    has_terminal = False

    def setsignals(self) -> None:
        ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        super().setsignals()
        if ignored:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        else:
            self.has_terminal = os.isatty(1)

    def get_signal(self) -> int | None:
        """Asked each second. The kernel may tell the end of a terminal to `make` alone, which does not pass it on."""
        if self.has_terminal and not os.isatty(1):
            self.has_terminal = False
            return signal.SIGTERM
        number: int | None = super().get_signal()
        return signal.SIGTERM if number == signal.SIGHUP else number


def lose_line(_handler: Handler) -> None:
    """In place of a traceback that has nowhere to go either."""


def main(arguments: list[str]) -> None:
    Handler.handleError = lose_line
    options = ForegroundOptions()
    options.realize(arguments, doc=__doc__)
    options.first, options.test = True, False
    go(options)


if __name__ == "__main__":
    main(sys.argv[1:])
