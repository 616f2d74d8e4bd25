"""What an operator may type next, so that it works as it is printed."""

import re
import shlex
from dataclasses import dataclass

_SUBJECTS = (
    "agent|audit|backend|credential|doctor|local|number|parked|provider|setup|tail|tenant update|tenant|text|trace|"
    "twilio|url"
)
_HINT = re.compile(rf"(?<![\w./+-])(?:\./)?sms (?P<subject>{_SUBJECTS})\b")
_OF_ALL_TENANTS = {"audit", "local", "provider", "setup", "tail", "tenant", "text"}
_OF_THIS_COMPUTER = {"local"}


@dataclass
class Hints:
    """The options of a run that its hints need as well.

    Attributes:
        tenant: the tenant, once it is known.
    """

    stage: str = "east"
    local: bool = False
    tenant: str | None = None

    def completed(self, sentence: str) -> str:
        """The sentence with each `sms …` in it as it is to be typed, such as `./sms --tenant acme parked list`."""

        def completed(match: re.Match[str]) -> str:
            return " ".join(["./sms", *self._options(match["subject"]), match["subject"]])

        return _HINT.sub(completed, sentence)

    def _options(self, subject: str) -> list[str]:
        if subject in _OF_THIS_COMPUTER:
            return []
        where = ["--local"] if self.local else []
        stage = ["--stage", self.stage] if self.stage != Hints.stage else []
        tenant = ["--tenant", shlex.quote(self.tenant)] if self.tenant and subject not in _OF_ALL_TENANTS else []
        return [*where, *stage, *tenant]
