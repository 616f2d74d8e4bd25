"""Parked: what could not be answered or sent, and bringing it back."""

import json
from collections import Counter
from dataclasses import replace
from typing import Any

from flask import request, url_for

from dashboard.acting import operator
from dashboard.desk import memory
from dashboard.jobs import Job
from dashboard.masking import revealing, shown_number
from dashboard.page import Answer, Page, confirm, confirmed, done, show, working
from dashboard.paging import by_number
from operations import durations
from operations.failure import explained as failure
from operations.operator import Operator
from operations.parked import crashed
from operations.parked.batch import Replayed, discard_all, replay_all
from operations.parked.filters import REASONS, Filters, event_with_id, matching
from operations.parked.replay import replays
from operations.parked.written import without_text
from operations.stage.names import QUEUES
from operations.twilio.message_errors import explained
from shared.messages.outbound import Parked

page = Page("parked", "Parked")

_AT_ONCE = 20
"""So many events are replayed or discarded within a request; more are long work."""


@page.get("/")
def index() -> Answer:
    """What is parked, the oldest first; by reason, number and queue."""
    acting = operator()
    now = acting.world.now()
    everything = matching(acting, Filters())
    events = _filters().choice(now).among(everything)
    return show(
        "parked.html",
        events=by_number(events),
        count=len(events),
        ages={event.id: durations.shown(now - event.parked_at) for event in events},
        reasons=Counter(event.reason for event in everything),
        every_reason=["", *REASONS],
        queues=["", *QUEUES],
        crashed={name: count for name, count in crashed.count_crashed(acting).items() if count},
        chosen=_chosen(),
    )


@page.get("/<event_id>")
def event(event_id: str) -> Answer:
    """One parked event: why, and all of it; numbers and texts only when somebody asked for them."""
    acting = operator()
    parked = event_with_id(acting, event_id)
    return show(
        "parked_event.html",
        parked=parked,
        age=durations.shown(acting.world.now() - parked.parked_at),
        replays=replays(parked),
        error=explained(parked.error_code),
        event=json.dumps(_event(parked), indent=2, ensure_ascii=False),
    )


@page.post("/<event_id>/replay")
def replay(event_id: str) -> Answer:
    """Sends one event to its queue again, after asking."""
    acting = operator().changing()
    back = url_for("parked.event", event_id=event_id)
    return _replay(acting, [event_with_id(acting, event_id)], f"Replay {event_id}?", back=back)


@page.post("/replay")
def replay_chosen() -> Answer:
    """Sends everything that the filters choose to its queue again, after asking."""
    acting = operator().changing()
    events = matching(acting, _filters())
    back = url_for("parked.index", **_chosen())
    return _replay(acting, events, f"Replay everything that is chosen ({len(events)})?", back=back)


@page.post("/<event_id>/discard")
def discard(event_id: str) -> Answer:
    """Deletes one event for good, after asking."""
    acting = operator().changing()
    parked = event_with_id(acting, event_id)
    if not confirmed():
        return confirm(
            f"Discard {event_id}, for good?",
            button="Discard",
            back=url_for("parked.event", event_id=event_id),
            sentences=["It will never be answered or sent."],
        )
    discard_all(acting, [parked])
    return done(f"{event_id} was discarded.", url_for("parked.index"))


@page.post("/redrive")
def redrive() -> Answer:
    """Returns what crashed to its queues, of all tenants, after asking."""
    acting = operator()
    counts = crashed.count_crashed(acting)
    if not confirmed():
        listed = [f"About {count} messages of the {name} queue crashed." for name, count in counts.items() if count]
        return confirm(
            "Return what crashed to its queues?",
            button="Return it",
            back=url_for("parked.index"),
            sentences=[*listed, "They are of all tenants. What crashes again comes back here."],
        )
    crashed.redrive(acting, counts)
    return done("What crashed is on its way back to its queues.", url_for("parked.index"))


def _filters() -> Filters:
    """The filters that the request names."""
    return Filters(**_chosen())


def _chosen() -> dict[str, Any]:
    """What the request chooses by; a field that was left empty chooses nothing."""
    return {name: request.args[name] for name in ("reason", "number", "queue") if request.args.get(name)}


def _replay(acting: Operator, events: list[Parked], question: str, *, back: str) -> Answer:
    """Replays events, after asking.

    Args:
        acting: who replays them.
        events: the events, the oldest first.
        question: what to agree to.
        back: where to go instead.
    """
    listed = url_for("parked.index")
    if not events:
        return done("Nothing of this kind is parked.", listed)
    if not confirmed():
        age = durations.shown(acting.world.now() - events[0].parked_at)
        return confirm(
            question,
            button="Replay",
            back=back,
            sentences=[
                f"The oldest was parked {age} ago: whoever waits gets an answer now.",
                "Each is answered or sent once, however often it is replayed. What fails again is parked again.",
            ],
        )
    if len(events) <= _AT_ONCE:
        return done(_sentence(replay_all(acting, events)), listed)

    def work(job: Job) -> None:
        job.add("good", _sentence(replay_all(replace(acting, progress=job), events)))

    started = memory().jobs.start(f"Replaying {len(events)}", listed, work, lambda error: failure(acting, error))
    return working(started.id)


def _sentence(replayed: Replayed) -> str:
    gone = f" {replayed.gone_meanwhile} were not parked any more." if replayed.gone_meanwhile else ""
    return f"Replayed: {replayed.replayed}.{gone}"


def _event(parked: Parked) -> dict[str, object]:
    """The event, without text and whole numbers unless this page may show them."""
    if revealing():
        return dict(parked.event)
    event = without_text(parked.event, placeholder="(hidden)")
    data = event.get("data")
    if isinstance(data, dict):
        addresses = {name: shown_number(str(data[name])) for name in ("from", "to") if name in data}
        event["data"] = data | addresses
    return event
