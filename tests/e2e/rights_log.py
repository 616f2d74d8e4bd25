"""What the local AWS's IAM decided while the tests ran."""

from devstack.decisions import Decision, DecisionLog


class RightsLog:
    """Keeps all decisions of a run, and hands out each denial once."""

    def __init__(self, log: DecisionLog) -> None:
        self._log = log
        self._decisions: set[Decision] = set()
        self._calls = 0

    def denied(self) -> list[Decision]:
        """The calls that were denied since the last time that somebody asked."""
        decisions = self._log.take()
        self._calls += len(decisions)
        self._decisions.update(decisions)
        return [decision for decision in decisions if not decision.allowed]

    def everything(self) -> set[Decision]:
        """What was decided so far, each kind of call once."""
        return self._decisions

    @property
    def calls(self) -> int:
        """How many calls were decided."""
        return self._calls
