"""A run of the benchmark."""

from collections.abc import Callable, Iterable, Mapping

from bench import building, instructions, results, roster, statuses, timing, workers
from bench.arithmetic import difference
from bench.contract import BrokenContractError
from bench.instructions import Figures
from bench.results import Results
from bench.roster import AUTHORIZER, EMPTY, FORWARDER, HANDMADE, LARGE, OURS, SENDER, STATUSES, TITLES, Contestant
from bench.running import running

Report = Callable[[str], None]

_OURS = {
    OURS: roster.receiver,
    LARGE: roster.receiver_of_large_tenant,
    AUTHORIZER: roster.authorizer,
    STATUSES: statuses.statuses,
    FORWARDER: workers.forwarder,
    SENDER: workers.sender,
}
_ROUNDS = 7


def everything(report: Report) -> Results:
    """The results of a complete run. Raises BrokenContractError, FunctionFailedError, NotBuiltError."""
    contestants = _proved(TITLES, report)
    report("counting instructions")
    counted = _counted(contestants)
    again = _counted({name: contestants[name] for name in (HANDMADE, *_OURS)})
    repeats = max(difference(value, counted[name][figure]) for name in again for figure, value in again[name].items())
    webhooks = {name: contestant for name, contestant in contestants.items() if contestant.scenarios is roster.WEBHOOKS}
    rounds = []
    for number in range(1, _ROUNDS + 1):
        report(f"timing, round {number} of {_ROUNDS}")
        rounds.append(timing.once(webhooks))
    return results.from_run(counted, rounds, results.plain(contestants, rounds), repeats_within=repeats)


def comparable(report: Report) -> Results:
    """The comparable results: our functions and the floor, without times. Raises like `everything`."""
    contestants = _proved((HANDMADE, *_OURS), report)
    report("counting instructions")
    counted = _counted(contestants)
    rounds = [timing.once({OURS: contestants[OURS]})]
    return results.from_run(counted, [], results.plain(contestants, rounds), repeats_within=0)


def some(names: Iterable[str], report: Report) -> dict[str, Figures]:
    """The instructions of these contestants. Raises like `everything`."""
    return _counted(_proved(names, report))


def _counted(contestants: Mapping[str, Contestant]) -> dict[str, Figures]:
    """The counts of all but Node, which compiles while it runs, so that its counts do not repeat."""
    counting = {
        name: contestant for name, contestant in contestants.items() if name != EMPTY and not name.startswith("node")
    }
    return instructions.count(counting, roster.peer(EMPTY))


def _proved(names: Iterable[str], report: Report) -> dict[str, Contestant]:
    contestants = {}
    for name in names:
        report(f"building {name}")
        contestants[name] = _built(name)
        report(f"proving {name}")
        _prove(name, contestants[name])
    return contestants


def _built(name: str) -> Contestant:
    return _OURS[name](building.ours()) if name in _OURS else roster.peer(name)


def _prove(name: str, contestant: Contestant) -> None:
    """Raise BrokenContractError with the contestant's name if it does not do its work."""
    for built in {contestant.usual, contestant.compiled}:
        with running(contestant, built) as (function, services):
            try:
                contestant.proof(function, services)
            except BrokenContractError as error:
                message = f"{name}: {error}"
                raise BrokenContractError(message) from error
