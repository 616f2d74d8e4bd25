"""`python -m devstack.demo`, which `make run` runs: a phone in the terminal, or a script when there is no terminal."""

import signal
import sys

from devstack import stack, state
from devstack.arrivals import Arrivals
from devstack.aws import LocalAws
from devstack.backend import running
from devstack.daemons import NotReadyError
from devstack.demo.demo_tenant import create_demo_tenant
from devstack.demo.journey import journeys
from devstack.demo.page import demo_page
from devstack.demo.phone import Phone
from devstack.demo.play import Play
from devstack.demo.script import Script
from devstack.phones import Phones
from terminal import gate

INTERRUPTED = 130
"""The exit code that shells give to a command that Ctrl-C ended."""


def main() -> int:
    """The exit code: 0 when every text went as expected. Stops the stack, unless it was up before."""
    gate.install()
    console = gate.screen(lines=True)
    before = state.load()
    try:
        running_stack = stack.up(console.print)
        phones = Phones(running_stack.twin_url)
        with running() as backend:
            tenant = create_demo_tenant(running_stack, phones, backend)
            console.print(f"Tenant {tenant.id}, with an API key, and an agent with a number on each stage.\n")
            aws = LocalAws(running_stack.aws_endpoint)
            with demo_page(tenant.id, console) as page:
                if sys.stdin.isatty():
                    Phone(phones, journeys(running_stack, phones, aws), console).use()
                    return 0
                play = Play(tenant, running_stack, phones, backend, aws)
                return 0 if Script(play, Arrivals(backend), page).run(console) else 1
    except NotReadyError as error:
        console.print(f"The local stack could not be started.\n{error}")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        if before is None or not before.alive:
            stack.down(console.print)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that SIGTERM, too, leaves nothing running
    sys.exit(main())
