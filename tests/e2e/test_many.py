"""Many conversations at once, with an agent that fails at random: each text ends in exactly one way."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from devstack.backend import CannedAnswer, Event
from tests.e2e.talks import Talks

Report = Callable[[str], None]

CONVERSATIONS, TEXTS = 200, 5
CROWD = 4  # more at once are too much for two processors: Twilio's 15 seconds are not scaled
FAILURES = (CannedAnswer(status=503), CannedAnswer(status=429), CannedAnswer(status=500))
REFUSAL = CannedAnswer(status=400)


def test_each_of_a_thousand_texts_is_answered_once_or_parked_with_its_reason(talks: Talks, report: Report) -> None:
    chance, lock = random.Random(20261125), threading.Lock()  # noqa: S311 - the same failures in each run

    def answers(event: Event) -> CannedAnswer:
        with lock:
            drawn = chance.random()
        if drawn < 0.1:
            return FAILURES[int(drawn * 30)]
        return REFUSAL if drawn < 0.12 else CannedAnswer((f"to {event['data']['text']}",))

    talk = talks.begin("east", answers, failure_reply=None)
    persons = [talks.person(talk.line) for _ in range(CONVERSATIONS)]
    texts: dict[str, tuple[str, int]] = {}

    def converse(number: int) -> None:
        for turn in range(TEXTS):
            done = talks.phones.text(sender=persons[number].address, to=talk.line.number, body=f"{number}.{turn}")
            assert done["outcome"] == "delivered", done["error_code"]
            texts[done["message_sid"]] = (persons[number].address, turn)

    talks.phones.set_callbacks(off=True)  # statuses are other tests' business, and half of the work
    try:
        with ThreadPoolExecutor(CROWD) as crowd:
            list(crowd.map(converse, range(CONVERSATIONS)))
        settled = talk.queues.settle(within_seconds=240)
    finally:
        talks.phones.set_callbacks(off=False)
    assert settled, "not all was worked on in time"

    parked = {one.id: one.reason for one in talks.lines.parking(talk.line).parked(talk.line.tenant)}
    seen = {person.address: person.sees(0) for person in persons}
    expected = {
        person.address: [
            f"to {number}.{turn}"
            for turn in range(TEXTS)
            if not any(texts[sid] == (person.address, turn) for sid in parked if sid in texts)
        ]
        for number, person in enumerate(persons)
    }
    asked = len(talks.backend.heard(talk.line.tenant))
    answered = sum(map(len, seen.values()))
    reasons = ", ".join(f"{count} {reason}" for reason, count in Counter(parked.values()).items())
    figures = f"{len(texts)} texts: {answered} answered once, {len(parked)} parked ({reasons})"
    report(f"{figures}; the agent was asked {asked} times")
    assert len(texts) == CONVERSATIONS * TEXTS
    assert seen == expected  # none lost, none twice, in order
    assert answered + len(parked) == len(texts)
    assert set(parked.values()) <= {"backend_refused", "backend_unavailable"}
