"""Conversations: what a person's phone shows and what the agent hears, when all goes well and when it does not."""

from collections.abc import Callable, Iterator

from devstack.backend import Says, in_turn, parrot
from devstack.demo.line import SECOND, UNASSIGNED
from devstack.demo.outcome import Outcome
from devstack.demo.play import STAGE, Play
from devstack.person import Person
from devstack.target import LocalTarget
from operations.parked.replay import replay
from operations.tenants import agent_edits
from operations.tenants.editor import Administration
from shared.messages.splitting import PART_MAX
from shared.tenants.agent import FAILURE_REPLY

_LONG = " ".join(f"This is sentence number {number} of a long story." for number in range(1, 71))
_DOWN = Says(status=503)


def scenes(play: Play) -> Iterator[Outcome]:
    """All of them, in turn."""
    for scene in _SCENES:
        yield scene(play)


def _answer(play: Play) -> Outcome:
    person = play.person()
    person.text("Are you open today?")
    return _row(person, "an answer", phone=["You said: Are you open today?"])


def _several_replies(play: Play) -> Outcome:
    person = play.person(lambda _: Says(("One", "Two", "Three")))
    person.text("Count to three")
    return _row(person, "several replies", phone=["One", "Two", "Three"])


def _long_reply(play: Play) -> Outcome:
    person = play.person(lambda _: Says((_LONG,)))
    person.text("Tell me a story")
    parts = person.sees(3)
    good = "".join(parts) == _LONG and all(len(part) <= PART_MAX for part in parts)
    return _outcome("a long reply", "comes whole, in order", f"{len(parts)} parts", good=good)


def _slow_backend(play: Play) -> Outcome:
    person = play.person(lambda event: Says(parrot(event).messages, after_seconds=1.5))
    person.text("Think about it")
    return _row(person, "a slow agent", phone=["You said: Think about it"])


def _down_then_up(play: Play) -> Outcome:
    person = play.person(in_turn(_DOWN, _DOWN, parrot), second=lambda _: _DOWN)
    person.text("Anybody there?")
    return _row(person, "an agent that is down, then up", phone=["You said: Anybody there?"], heard=3)


def _refusing(play: Play) -> Outcome:
    person = play.person(lambda _: Says(status=400))
    person.text("Do what you cannot")
    return _row(person, "an agent that refuses", phone=[FAILURE_REPLY])


def _second_location(play: Play) -> Outcome:
    person = play.person(lambda _: _DOWN)
    person.text("Is the second one there?")
    shown = person.sees(1)
    good = shown == ["You said: Is the second one there?"] and len(person.heard(path=SECOND)) == 1
    return _outcome("a second location", "answers for the first", _shown(person, shown), good=good)


def _stop(play: Play) -> Outcome:
    person = play.person()
    person.text("STOP")
    play.backend.wait(lambda _: bool(person.heard()))
    play.queues.settle()
    return _row(person, "STOP", phone=[], must="Twilio answers, the agent hears it marked")


def _opted_out(play: Play) -> Outcome:
    person = play.person()
    person.text("STOP")
    person.text("But tell me")
    play.backend.wait(lambda _: len(person.heard()) == 2)  # noqa: PLR2004 - both texts
    play.queues.settle()
    return _row(person, "a person who opted out", phone=[], heard=2, must="is not texted")


def _duplicate_webhook(play: Play) -> Outcome:
    person = play.person()
    sid = person.text("Once, please")
    person.sees(1)
    play.phones.again(sid)
    play.queues.settle()
    return _row(person, "a webhook that comes twice", phone=["You said: Once, please"])


def _duplicate_delivery(play: Play) -> Outcome:
    person = play.person()
    person.text("Only once, please")
    person.sees(1)
    play.queues.deliver_again(person.heard()[0].event)
    play.queues.settle()
    return _row(person, "a queue that delivers twice", phone=["You said: Only once, please"])


def _crash(play: Play) -> Outcome:
    person = play.person()
    with play.faults.crash_when_calling("forwarder", "SQS") as died:
        person.text("Do not drop this")
        crashed = died.wait(20)
    row = _row(person, "a crash between answer and reply", phone=["You said: Do not drop this"])
    return row if crashed else _outcome(row.what, row.must, "the forwarder did not crash", good=False)


def _status(play: Play) -> Outcome:
    person = play.person()
    person.text("Tell me when")
    person.sees(1)

    play.backend.wait(lambda _: "delivered" in person.statuses())
    heard = person.statuses()
    good = heard[-1:] == ["delivered"] and len(heard) == len(set(heard))
    return _outcome("what became of a reply", "the agent hears it once", " ".join(heard), good=good)


def _parked_and_replayed(play: Play) -> Outcome:
    person = play.person(to=UNASSIGNED)
    sid = person.text("Is this number anybody's?")
    play.queues.settle()
    target = LocalTarget(STAGE)
    parked = target.parking.find(play.line.tenant, sid)
    reason = parked.reason if parked else "not parked"
    Administration(target.store, sleep=lambda _: None).change(
        play.line.tenant, agent_edits.assign_number(UNASSIGNED, f"agent {STAGE}")
    )
    while parked:  # again, if a Lambda still has the tenant's document of a moment ago
        replay(parked, parking=target.parking, queue=target.queue(parked.queue))
        play.queues.settle()
        parked = target.parking.find(play.line.tenant, sid)
    row = _row(person, "parked, then replayed", phone=["You said: Is this number anybody's?"])
    return _outcome(row.what, "is answered once", f"{reason}; {row.got}", good=row.good and reason == "no_agent")


_SCENES: tuple[Callable[[Play], Outcome], ...] = (
    _answer,
    _several_replies,
    _long_reply,
    _slow_backend,
    _down_then_up,
    _refusing,
    _second_location,
    _stop,
    _opted_out,
    _duplicate_webhook,
    _duplicate_delivery,
    _crash,
    _status,
    _parked_and_replayed,
)


def _row(person: Person, what: str, *, phone: list[str], heard: int = 1, must: str = "") -> Outcome:
    """A scene in which the phone shows just this, and the agent's first location hears so many requests."""
    shown = person.sees(len(phone) or 1, within_seconds=20 if phone else 1)
    repeated = all(one.webhook_id == one.event["id"] for one in person.heard())
    good = shown == phone and len(person.heard(path="/")) == heard and repeated
    return _outcome(what, must or "is answered once", _shown(person, shown), good=good)


def _shown(person: Person, shown: list[str]) -> str:
    return f"phone {len(shown)}, agent {len(person.heard())}"


def _outcome(what: str, must: str, got: str, *, good: bool) -> Outcome:
    return Outcome(what=what, stage=STAGE, must=must, got=got, good=good)
