"""One run of the command: its options, and how it talks to the person who runs it."""

import signal
import sys
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from typing import Any, Protocol, TypeVar

from cli.output import Output
from cli.rig import open_local_phones, open_local_target
from cli.secret_lines import SecretLine, piped, prompted
from operations.operator import OpenTarget, Operator, World, open_aws_target
from operations.stage.names import Stage
from operations.stage.target import Target
from shared.errors import CommandDeclined
from terminal import gate

T = TypeVar("T")

FOUND_WRONG = 3
"""The exit code of a check that found something wrong."""


class Twin(Protocol):
    """The numbers and phones of the local stack."""

    def set_account(self, sid: str, *, auth_token: str) -> None:
        """Creates an account whose auth token signs the webhooks."""

    def set_number(self, number: str, *, account: str, webhook: str, fallback: str | None = None) -> None:
        """Creates a number, or changes where its texts go."""

    def text(self, *, sender: str, to: str, body: str) -> dict[str, Any]:
        """Sends a text to a number; what Twilio did with it."""

    def screen(self, number: str) -> list[dict[str, Any]]:
        """What a person's phone shows, in the order of arrival."""


def _open_target(stage: Stage, *, local: bool) -> Target:
    return open_local_target(stage) if local else open_aws_target(stage, local=False)


def _interactive() -> bool:
    return sys.stdin.isatty()


def _until_interrupted() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that SIGTERM, too, leaves in order
    with suppress(KeyboardInterrupt):
        Event().wait()


@dataclass(frozen=True)
class CommandWorld(World):
    """What else a run of the command needs from outside; tests bring their own.

    Attributes:
        interactive: whether standard input is a terminal, so that questions can be asked.
        phones: the numbers and phones of the local stack.
        open_browser: opens a URL in the operator's browser.
        until_interrupted: returns on Ctrl-C, and on SIGTERM.
    """

    open_target: OpenTarget = _open_target
    interactive: Callable[[], bool] = _interactive
    phones: Callable[[], Twin] = open_local_phones
    open_browser: Callable[[str], object] = webbrowser.open
    until_interrupted: Callable[[], None] = _until_interrupted


@dataclass(frozen=True)
class Invocation(Operator):
    """A run of the command.

    Attributes:
        yes: whether to make changes without asking for confirmation.
    """

    world: CommandWorld
    progress: Output
    yes: bool

    @property
    def output(self) -> Output:
        """Shows results and notes."""
        return self.progress

    def confirm(self, question: str) -> None:
        """Returns if the operator agrees. Raises CommandDeclined if not, or if there is no terminal to ask on."""
        if self.yes:
            return
        if not self.world.interactive():
            message = "without a terminal to ask on, this needs --yes"
            raise CommandDeclined(message)
        prefix = f"Tenant {self.tenant}: " if self.tenant else ""
        if not gate.confirmed(f"{prefix}{question}"):
            message = "nothing was changed"
            raise CommandDeclined(message)

    def ask(
        self, question: str, option: str, value: str | None, accept: Callable[[str], T], default: str | None = None
    ) -> T:
        """An answer, from an option or from the operator, who is asked again until it is acceptable.

        Args:
            question: what to ask.
            option: the name of the option, for the error.
            value: the option's value; None when it was not used.
            accept: makes the answer of what was typed, or raises CommandDeclined.
            default: the answer when nothing is typed; None for none.

        Raises what `accept` raises, and CommandDeclined when there is neither a value nor a default nor a terminal.
        """
        if value is not None:
            return accept(value)
        while self.world.interactive():
            try:
                return accept(gate.prompted(question, default=default))
            except CommandDeclined as error:
                self.output.note(str(error))
        if default is None:
            message = f"without a terminal to ask on, {option} must be given"
            raise CommandDeclined(message)
        return accept(default)

    def secrets(self, *lines: SecretLine) -> list[str]:
        """Secrets from hidden prompts, or from standard input if it is not a terminal. Raises CommandDeclined."""
        return prompted(lines, self.output.note) if self.world.interactive() else piped(lines)
