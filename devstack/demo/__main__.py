"""`python -m devstack.demo`, which is `make run`: a phone in a terminal, a script without one."""

import signal
import sys

from cli import terminal
from devstack import stack, state
from devstack.arrivals import Arrivals
from devstack.aws import LocalAws
from devstack.backend import running
from devstack.daemons import NotReadyError
from devstack.demo.line import open_line
from devstack.demo.phone import Phone
from devstack.demo.play import Play
from devstack.demo.script import Script
from devstack.phones import Phones

INTERRUPTED = 130
"""What a shell answers for a command that Ctrl-C ended."""


def main() -> int:
    """0 when every text went as it must. Stops what it started; a stack that was up before stays up."""
    terminal.install()
    console = terminal.screen(lines=True)
    before = state.load()
    try:
        present = stack.up(console.print)
        phones = Phones(present.twin_url)
        with running() as backend:
            line = open_line(present, phones, backend)
            console.print(f"Tenant {line.tenant}, with an API key, and an agent with a number on each stage.\n")
            if sys.stdin.isatty():
                Phone(phones, console).use()
                return 0
            play = Play(line, present, phones, backend, LocalAws(present.aws_endpoint))
            return 0 if Script(play, Arrivals(backend)).run(console) else 1
    except NotReadyError as error:
        console.print(f"The local stack could not be started.\n{error}")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        if before is None or not before.alive:
            stack.down(console.print)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that it, too, leaves nothing running
    sys.exit(main())
