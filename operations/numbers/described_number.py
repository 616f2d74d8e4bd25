"""A number with what operators noted down about it. Only they read it: no Lambda needs it."""

from dataclasses import dataclass, field

from shared.errors import InvalidValue
from shared.tenants.record import HeldNumber

DESCRIPTION_MAX = 64
"""Characters; IBM Voice Agent had the same limit (voice-agent docs, "Adding a New Number")."""


@dataclass(frozen=True)
class DescribedNumber(HeldNumber):
    """A number, the agent that has it, and its description, which may be empty."""

    description: str = field(default="", repr=False)


def check_description(text: str) -> str:
    """The description without spaces around it. Raises InvalidValue when it is too long or not one line of text."""
    description = text.strip()
    if len(description) > DESCRIPTION_MAX:
        message = f"the description is longer than {DESCRIPTION_MAX} characters"
        raise InvalidValue(message)
    if not description.isprintable():
        message = "the description must be one line, without control characters"
        raise InvalidValue(message)
    return description
