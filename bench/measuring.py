"""One run of the bench."""

from collections.abc import Callable, Iterable, Mapping

from bench import building, instructions, results, roster, timing, workers
from bench.arithmetic import difference
from bench.contract import BrokenContractError
from bench.fresh import fresh
from bench.instructions import Figures
from bench.results import Results
from bench.roster import AUTHORIZER, EMPTY, FORWARDER, HANDMADE, OURS, SENDER, TITLES, Contestant

Tell = Callable[[str], None]

_OURS = {
    OURS: roster.receiver,
    AUTHORIZER: roster.authorizer,
    FORWARDER: workers.forwarder,
    SENDER: workers.sender,
}
_ROUNDS = 7


def everything(tell: Tell) -> Results:
    """A whole run. Raises BrokenContractError, FunctionFailedError, NotBuiltError."""
    contestants = _proved(TITLES, tell)
    tell("counting instructions")
    counted = _counted(contestants)
    again = _counted({name: contestants[name] for name in (HANDMADE, *_OURS)})
    repeats = max(difference(value, counted[name][figure]) for name in again for figure, value in again[name].items())
    webhooks = {name: contestant for name, contestant in contestants.items() if contestant.scenarios is roster.WEBHOOKS}
    rounds = []
    for number in range(1, _ROUNDS + 1):
        tell(f"timing, round {number} of {_ROUNDS}")
        rounds.append(timing.once(webhooks))
    return results.made(counted, rounds, results.plain(contestants, rounds), repeats_within=repeats)


def comparable(tell: Tell) -> Results:
    """What two runs can be compared by: ours and the floor, and nothing that is timed. Raises like `everything`."""
    contestants = _proved((HANDMADE, *_OURS), tell)
    tell("counting instructions")
    counted = _counted(contestants)
    rounds = [timing.once({OURS: contestants[OURS]})]
    return results.made(counted, [], results.plain(contestants, rounds), repeats_within=0)


def some(names: Iterable[str], tell: Tell) -> dict[str, Figures]:
    """The instructions of these. Raises like `everything`."""
    return _counted(_proved(names, tell))


def _counted(contestants: Mapping[str, Contestant]) -> dict[str, Figures]:
    """Of all but Node, which compiles as it goes, never twice the same."""
    counting = {name: contestant for name, contestant in contestants.items() if not name.startswith("node")}
    return instructions.count({name: one for name, one in counting.items() if name != EMPTY}, roster.peer(EMPTY))


def _proved(names: Iterable[str], tell: Tell) -> dict[str, Contestant]:
    contestants = {}
    for name in names:
        tell(f"building {name}")
        contestants[name] = _built(name)
        tell(f"proving {name}")
        _prove(name, contestants[name])
    return contestants


def _built(name: str) -> Contestant:
    return _OURS[name](building.ours()) if name in _OURS else roster.peer(name)


def _prove(name: str, contestant: Contestant) -> None:
    """Raises BrokenContractError with the name of one that does not do its work."""
    for built in {contestant.usual, contestant.compiled}:
        with fresh(contestant, built) as (function, world):
            try:
                contestant.proof(function, world)
            except BrokenContractError as error:
                message = f"{name}: {error}"
                raise BrokenContractError(message) from error
