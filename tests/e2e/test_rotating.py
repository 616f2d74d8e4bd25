"""A number's key and then its account's token are exchanged while people text without a pause: none is refused."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from devstack.backend import LocalBackend
from devstack.person import Person
from devstack.phones import Phones
from operations.numbers.webhook_url import key_in
from tests.e2e.lines import Line, Lines, fresh_number
from tests.e2e.operators import done
from tests.e2e.test_connecting import FORMER, at_twilio
from tests.e2e.waiting import until

PAUSE_SECONDS = 0.25


@dataclass
class Traffic:
    """Texts from somebody new each time, until it is over; `texted` is what Twilio met, by person."""

    line: Line
    phones: Phones
    texted: dict[str, dict[str, Any]] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.over.wait(PAUSE_SECONDS):
            person = fresh_number()
            self.texted[person] = self.phones.text(sender=person, to=self.line.number, body="still there?")


@contextmanager
def flowing(traffic: Traffic) -> Iterator[None]:
    """While people text."""
    texting = threading.Thread(target=traffic.run)
    texting.start()
    try:
        yield
    finally:
        traffic.over.set()
        texting.join()


def test_no_text_is_refused_and_none_stays_unanswered(lines: Lines, phones: Phones, backend: LocalBackend) -> None:
    line = lines.open("east")
    here = ("--stage", "east", "--tenant", line.tenant, "--yes")
    phones.set_number(line.number, account=line.account, webhook=FORMER)
    done("number", "connect", line.number, *here)
    old_key = key_in(at_twilio(phones, line)["sms_url"])
    assert old_key
    lines.secret.add(old_key)
    first = Person(fresh_number(), line.number, phones, backend)
    first.text("the first one starts the functions")
    assert first.sees(1)
    assert lines.on("south", line).post(line.form()).status_code == 200  # the same there
    traffic = Traffic(line, phones)

    with flowing(traffic):
        rotated = done("credential", "rotate", "agent helper", "--quiet", "2s", *here)
        new_key = key_in(at_twilio(phones, line)["sms_url"])
        assert new_key
        lines.secret.add(new_key)
        before_token = len(traffic.texted)
        done("twilio", "rotate-token", line.account, "--quiet", "3s", *here)

    lines.secret.update(traffic.texted)
    tenant = lines.tenant(line)
    [token] = tenant.accounts[0].auth_tokens
    lines.secret.add(token)
    lines.secret.add(first.address)
    assert 2 < before_token < len(traffic.texted) - 2
    for told in traffic.texted.values():
        answers = [attempt["status"] for attempt in told["attempts"]]
        assert set(answers) <= {401, 200, None}, answers  # on a busy computer one may take longer than Twilio waits
        assert answers[-1] == 200
        assert (401, 401) not in pairwise(answers), "the challenge, and then a key that was refused"
    for person in traffic.texted:
        assert Person(person, line.number, phones, backend).sees(1) == ["You said: still there?"]
    assert old_key != new_key
    assert [one.name for one in tenant.credentials] == ["phone", "agent helper"]
    assert tenant.credential(rotated["revoked"]) is None
    assert until(lambda: line.post(line.form(), key=old_key).status_code == 401, within_seconds=30)
    assert token != line.token
    assert until(lambda: line.post(line.form(), key=new_key).status_code == 403, within_seconds=30)  # by the old token
