"""One run of the command: its options, and how it talks with the operator."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from cli import terminal
from cli.output import Output
from cli.rig import open_local_phones, open_local_target
from cli.secret_lines import SecretLine, piped, prompted
from operations.operator import OpenTarget, Operator, World, open_aws_target
from operations.stage.target import Stage, Target
from shared.errors import Declined

T = TypeVar("T")

FOUND_WRONG = 3
"""The exit code of a check that was done and found something wrong."""


class Twin(Protocol):
    """The numbers and phones of the local stack."""

    def set_account(self, sid: str, *, auth_token: str) -> None:
        """Makes an account whose token signs."""

    def set_number(self, number: str, *, account: str, webhook: str, fallback: str | None = None) -> None:
        """Makes a number, or changes where its texts go."""

    def text(self, *, sender: str, to: str, body: str) -> dict[str, Any]:
        """Texts a number; gives what Twilio did."""

    def screen(self, number: str) -> list[dict[str, Any]]:
        """What a person's phone shows, in the order of arrival."""


def _open_target(stage: Stage, *, local: bool) -> Target:
    return open_local_target(stage) if local else open_aws_target(stage, local=False)


def _interactive() -> bool:
    return sys.stdin.isatty()


@dataclass(frozen=True)
class CommandWorld(World):
    """What a run needs of the world besides; tests bring their own.

    Attributes:
        interactive: whether there is a terminal to ask on.
        phones: the numbers and phones of the local stack.
    """

    open_target: OpenTarget = _open_target
    interactive: Callable[[], bool] = _interactive
    phones: Callable[[], Twin] = open_local_phones


@dataclass(frozen=True)
class Invocation(Operator):
    """A run of the command.

    Attributes:
        yes: whether to do it without asking.
    """

    world: CommandWorld
    progress: Output
    yes: bool

    @property
    def output(self) -> Output:
        """What shows results."""
        return self.progress

    def confirm(self, question: str) -> None:
        """Returns when the operator agrees. Raises Declined."""
        if self.yes:
            return
        if not self.world.interactive():
            message = "without a terminal to ask on, this needs --yes"
            raise Declined(message)
        of = f"Tenant {self.tenant}: " if self.tenant else ""
        if not terminal.confirmed(f"{of}{question}"):
            message = "nothing was changed"
            raise Declined(message)

    def ask(
        self, question: str, option: str, given: str | None, accept: Callable[[str], T], default: str | None = None
    ) -> T:
        """An answer, from the option that gave it or from the operator, who is asked again until it is acceptable.

        Raises what `accept` raises, and Declined when there is neither an answer nor a default nor a terminal.
        """
        if given is not None:
            return accept(given)
        while self.world.interactive():
            try:
                return accept(terminal.prompted(question, default=default))
            except Declined as error:
                self.output.note(str(error))
        if default is None:
            message = f"without a terminal to ask on, {option} must be given"
            raise Declined(message)
        return accept(default)

    def secrets(self, *wanted: SecretLine) -> list[str]:
        """Secrets, from hidden prompts, or the lines of a standard input that is no terminal. Raises Declined."""
        return prompted(wanted, self.output.note) if self.world.interactive() else piped(wanted)
