"""Conversations: what the phone shows and what the agent hears, when everything works and when something fails."""

from collections.abc import Callable, Iterator

from devstack.backend import CannedAnswer, in_turn, parrot
from devstack.demo.demo_tenant import SECOND, UNASSIGNED
from devstack.demo.play import STAGE, Play
from devstack.demo.scene_result import SceneResult
from devstack.person import Person
from devstack.target import LocalTarget
from operations.parked.replay import replay
from shared.providers.twilio.limits import TEXT_MAX
from shared.tenants.agent import FAILURE_REPLY

_LONG = " ".join(f"This is sentence number {number} of a long story." for number in range(1, 71))
_DOWN = CannedAnswer(status=503)


def scenes(play: Play) -> Iterator[SceneResult]:
    """Plays all scenes and yields their results."""
    for scene in _SCENES:
        yield scene(play)


def _answer(play: Play) -> SceneResult:
    person = play.person()
    person.text("Are you open today?")
    return _row(person, "an answer", phone=["You said: Are you open today?"])


def _several_replies(play: Play) -> SceneResult:
    person = play.person(lambda _: CannedAnswer(("One", "Two", "Three")))
    person.text("Count to three")
    return _row(person, "several replies", phone=["One", "Two", "Three"])


def _long_reply(play: Play) -> SceneResult:
    person = play.person(lambda _: CannedAnswer((_LONG,)))
    person.text("Tell me a story")
    parts = person.sees(3)
    good = "".join(parts) == _LONG and all(len(part) <= TEXT_MAX for part in parts)
    return _result("a long reply", "comes whole, in order", f"{len(parts)} parts", good=good)


def _slow_backend(play: Play) -> SceneResult:
    person = play.person(lambda event: CannedAnswer(parrot(event).messages, after_seconds=1.5))
    person.text("Think about it")
    return _row(person, "a slow agent", phone=["You said: Think about it"])


def _down_then_up(play: Play) -> SceneResult:
    person = play.person(in_turn(_DOWN, _DOWN, parrot), second=lambda _: _DOWN)
    person.text("Anybody there?")
    return _row(person, "an agent that is down, then up", phone=["You said: Anybody there?"], heard=3)


def _refusing(play: Play) -> SceneResult:
    person = play.person(lambda _: CannedAnswer(status=400))
    person.text("Do what you cannot")
    return _row(person, "an agent that refuses", phone=[FAILURE_REPLY])


def _second_location(play: Play) -> SceneResult:
    person = play.person(lambda _: _DOWN)
    person.text("Is the second one there?")
    texts = person.sees(1)
    good = texts == ["You said: Is the second one there?"] and len(person.heard(path=SECOND)) == 1
    return _result("a second location", "answers for the first", _counts(person, texts), good=good)


def _stop(play: Play) -> SceneResult:
    person = play.person()
    person.text("STOP")
    play.backend.wait(lambda _: bool(person.heard()))
    play.queues.settle()
    return _row(person, "STOP", phone=[], expected="Twilio answers, the agent hears it marked")


def _opted_out(play: Play) -> SceneResult:
    person = play.person()
    person.text("STOP")
    person.text("But tell me")
    play.backend.wait(lambda _: len(person.heard()) == 2)  # noqa: PLR2004 - both texts
    play.queues.settle()
    return _row(person, "a person who opted out", phone=[], heard=2, expected="is not texted")


def _duplicate_webhook(play: Play) -> SceneResult:
    person = play.person()
    sid = person.text("Once, please")
    person.sees(1)
    play.phones.deliver_again(sid)
    play.queues.settle()
    return _row(person, "a webhook that comes twice", phone=["You said: Once, please"])


def _duplicate_delivery(play: Play) -> SceneResult:
    person = play.person()
    person.text("Only once, please")
    person.sees(1)
    play.queues.deliver_again(person.heard()[0].event)
    play.queues.settle()
    return _row(person, "a queue that delivers twice", phone=["You said: Only once, please"])


def _crash(play: Play) -> SceneResult:
    person = play.person()
    with play.faults.crash_when_calling("forwarder", "SQS") as crashed:
        person.text("Do not drop this")
        did_crash = crashed.wait(20)
    row = _row(person, "a crash between answer and reply", phone=["You said: Do not drop this"])
    return row if did_crash else _result(row.what, row.expected, "the forwarder did not crash", good=False)


def _status(play: Play) -> SceneResult:
    person = play.person()
    person.text("Tell me when")
    person.sees(1)

    play.backend.wait(lambda _: "delivered" in person.statuses())
    heard = person.statuses()
    good = heard[-1:] == ["delivered"] and len(heard) == len(set(heard))
    return _result("what became of a reply", "the agent hears it once", " ".join(heard), good=good)


def _parked_and_replayed(play: Play) -> SceneResult:
    person = play.person(to=UNASSIGNED)
    sid = person.text("Is this number anybody's?")
    play.queues.settle()
    target = LocalTarget(STAGE)
    parked = target.parking.find(play.tenant.id, sid)
    reason = parked.reason if parked else "not parked"
    target.numbers_directory.assign(play.tenant.id, play.tenant.agents[STAGE], UNASSIGNED)
    while parked:  # again, as long as a Lambda has it in its cache that nobody has the number
        replay(parked, parking=target.parking, queue=target.queue(parked.queue))
        play.queues.settle()
        parked = target.parking.find(play.tenant.id, sid)
    row = _row(person, "parked, then replayed", phone=["You said: Is this number anybody's?"])
    return _result(row.what, "is answered once", f"{reason}; {row.happened}", good=row.good and reason == "no_agent")


_SCENES: tuple[Callable[[Play], SceneResult], ...] = (
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


def _row(person: Person, what: str, *, phone: list[str], heard: int = 1, expected: str = "") -> SceneResult:
    """The result of a scene in which the phone shows exactly `phone`, and the first location gets `heard` requests."""
    texts = person.sees(len(phone) or 1, within_seconds=20 if phone else 1)
    same_ids = all(request.webhook_id == request.event["id"] for request in person.heard())
    good = texts == phone and len(person.heard(path="/")) == heard and same_ids
    return _result(what, expected or "is answered once", _counts(person, texts), good=good)


def _counts(person: Person, texts: list[str]) -> str:
    return f"phone {len(texts)}, agent {len(person.heard())}"


def _result(what: str, expected: str, happened: str, *, good: bool) -> SceneResult:
    return SceneResult(what=what, stage=STAGE, expected=expected, happened=happened, good=good)
