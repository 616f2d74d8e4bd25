"""The commands in sentences for operators, completed so that they work as they are printed."""

import re
import shlex
from dataclasses import dataclass

_SUBJECTS = (
    "agent|audit|backend|credential|dashboard|doctor|events|import|local|number|optout|parked|provider|send|session|setup|"
    "tail|tenant update|tenant|text|trace|twilio|url|usage|waiting|why"
)
_HINT = re.compile(rf"(?<![\w./+-])(?:\./)?sms (?P<tenant>--tenant \S+ )?(?P<subject>{_SUBJECTS})\b")
_WITHOUT_TENANT = {"audit", "local", "provider", "setup", "tail", "tenant", "text"}
_WITHOUT_OPTIONS = {"local"}


@dataclass
class Hints:
    """The options of this run that the commands in its hints need too.

    Attributes:
        stage: the stage, `east` or `south`.
        local: whether the run is on the local stack.
        tenant: the tenant, once it is known.
    """

    stage: str = "east"
    local: bool = False
    tenant: str | None = None

    def completed(self, sentence: str) -> str:
        """The sentence with each `sms …` in it as it must be typed, such as `./sms --tenant acme parked list`."""

        def completed(match: re.Match[str]) -> str:
            subject, tenant = match["subject"], match["tenant"]
            if tenant:
                return " ".join(["./sms", *self._where(), f"{tenant}{subject}"])
            return " ".join(["./sms", *self._options(subject), subject])

        return _HINT.sub(completed, sentence)

    def _options(self, subject: str) -> list[str]:
        if subject in _WITHOUT_OPTIONS:
            return []
        tenant = ["--tenant", shlex.quote(self.tenant)] if self.tenant and subject not in _WITHOUT_TENANT else []
        return [*self._where(), *tenant]

    def _where(self) -> list[str]:
        return [*(["--local"] if self.local else []), *(["--stage", self.stage] if self.stage != Hints.stage else [])]
