import time
from dataclasses import dataclass

import httpx
import pytest

from devstack.arrivals import Arrivals
from devstack.phones import Phones
from operations.stage.names import REGIONS
from shared.tenants.tenant import Role
from tests.e2e.lines import PERSON, Line, Lines, sign

CHALLENGE = 'Basic realm="sms.receiver"'


@dataclass
class Unchanged:
    """Shows that nothing but this line's own last text arrives."""

    line: Line
    arrivals: Arrivals

    def check(self, *refused: str) -> None:
        last = self.line.form()
        assert self.line.post(last).status_code == 200
        assert self.arrivals.arrived(self.line.stage, last["MessageSid"])
        arrived = {event["id"] for event in self.arrivals.everything(self.line.stage)}
        assert arrived.isdisjoint(refused)


@pytest.fixture
def unchanged(line: Line, arrivals: Arrivals) -> Unchanged:
    return Unchanged(line, arrivals)


def test_challenges_a_request_without_credentials_without_a_lambda(line: Line, unchanged: Unchanged) -> None:
    form = line.form()

    answer = line.post(form, username="", key="")  # httpx sends an Authorization header even so
    bare = line.bare(form)

    assert (answer.status_code, bare.status_code) == (401, 401)
    assert bare.headers["www-authenticate"] == CHALLENGE
    unchanged.check(form["MessageSid"])


def _cut(key: str) -> str:
    return key[:-1]


def _other_secret(key: str) -> str:
    head, _, secret = key.rpartition("_")
    return f"{head}_{secret[::-1]}"


@pytest.mark.parametrize(
    ("username", "change"),
    [
        ("apikey", _cut),
        ("apikey", _other_secret),
        ("apikey", str.upper),
        ("apikey", lambda _: "x" * 200),
        ("apikey", lambda _: ""),
        ("apikey", lambda _: "smsr_../../etc_12345678_x"),
        ("admin", str),
        ("", str),
    ],
)
def test_challenges_again_when_the_key_is_wrong(
    lines: Lines, arrivals: Arrivals, username: str, change: object
) -> None:
    """On one stage: each no costs the local AWS a new authorizer."""
    assert callable(change)
    line = lines.shared("east")
    form = line.form()

    answer = line.post(form, username=username, key=change(line.key))

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == CHALLENGE
    Unchanged(line, arrivals).check(form["MessageSid"])


def test_challenges_again_when_the_key_is_of_another_tenant_that_is_gone(lines: Lines, stage: str) -> None:
    gone = lines.open(stage)
    lines.store.delete(gone.tenant)

    answer = gone.post(gone.form())

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == CHALLENGE


def test_refuses_a_reader(lines: Lines, stage: str, arrivals: Arrivals) -> None:
    line = lines.open(stage, role=Role.READER)
    form = line.form()

    answer = line.post(form)

    assert answer.status_code == 403
    assert answer.json()["reason"] == "forbidden_role"
    assert "Writer or Manager" in answer.json()["message"]
    assert arrivals.arrived(stage, form["MessageSid"], within_seconds=0.3) is None


@pytest.mark.parametrize(
    ("signature", "reason"),
    [("", "missing_signature"), ("Zm9yZ2Vk", "invalid_signature"), ("nonsense", "invalid_signature")],
)
def test_refuses_what_twilio_did_not_sign(line: Line, unchanged: Unchanged, signature: str, reason: str) -> None:
    form = line.form()

    answer = line.post(form, signature=signature)

    assert (answer.status_code, answer.json()["reason"]) == (403, reason)
    unchanged.check(form["MessageSid"])


def test_refuses_a_form_that_was_changed_on_the_way(line: Line, unchanged: Unchanged) -> None:
    form = line.form()
    signature = sign(line.token, line.url, form)

    answer = line.post({**form, "Body": "hello!"}, signature=signature)

    assert answer.status_code == 403
    unchanged.check(form["MessageSid"])


def test_refuses_a_signature_for_another_url(line: Line, unchanged: Unchanged) -> None:
    form = line.form()
    for url in (line.url + "/", line.url.replace("https", "http"), line.url.replace(line.stage, "west"), line.webhook):
        assert line.post(form, signature=sign(line.token, url, form)).status_code == 403
    unchanged.check(form["MessageSid"])


def test_refuses_an_account_that_is_not_the_tenants(line: Line, lines: Lines, unchanged: Unchanged) -> None:
    other = lines.open(line.stage)
    form = line.form(AccountSid=other.account)

    answer = line.post(form, signature=sign(other.token, line.url, form))

    assert (answer.status_code, answer.json()["reason"]) == (403, "unknown_account")
    unchanged.check(form["MessageSid"])


@pytest.mark.parametrize("lacking", ["MessageSid", "From", "To"])
def test_refuses_a_form_that_lacks_what_a_text_has(line: Line, lacking: str) -> None:
    form = line.form()
    del form[lacking]

    answer = line.post(form)

    assert (answer.status_code, answer.json()["reason"]) == (400, "malformed")
    assert lacking in answer.json()["message"]


def test_twilio_gives_up_on_a_forged_text_and_says_so_in_its_debugger(line: Line, phones: Phones) -> None:
    done = phones.text(sender=PERSON, to=line.number, body="forged", signature="Zm9yZ2Vk")

    assert (done["outcome"], done["status"], done["error_code"]) == ("failed", 403, 11200)
    assert phones.debugger()[-1]["message_sid"] == done["message_sid"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/sms.receiver/SmsRecv"),
        ("PUT", "/sms.receiver/SmsRecv"),
        ("DELETE", "/sms.receiver/SmsRecv"),
        ("POST", "/sms.receiver"),
        ("POST", "/sms.receiver/smsrecv"),
        ("POST", "/sms.receiver/SmsRecv/x"),
        ("POST", "/"),
    ],
)
def test_knows_nothing_but_the_webhook(line: Line, method: str, path: str) -> None:
    """With credentials, API Gateway takes them for an AWS signature and answers by itself."""
    bare, keyed = (
        line.request(path, method=method, headers={}, content=""),
        line.post(line.form(), method=method, path=path),
    )

    assert (bare.status_code, keyed.status_code) == (404, 403)
    assert bare.json()["reason"] == "NOT_FOUND"
    assert "www-authenticate" not in {*bare.headers, *keyed.headers}  # so nobody sends a key who waits for a challenge


def test_a_new_key_works_at_once(stage: str, lines: Lines) -> None:
    line = lines.open(stage)
    assert line.post(line.form()).status_code == 200

    key = lines.issue(line, "second")

    assert line.post(line.form(), key=key).status_code == 200


def test_a_revoked_key_stops_working_within_the_stated_time(stage: str, lines: Lines) -> None:
    """Authorizer's TTL and cache: 2 + 2 seconds here, 60 + 60 in production; the template's test adds those up.

    What counts is when a request begins, and a second more: an answer takes its time on a busy computer.
    """
    line = lines.open(stage)
    assert line.post(line.form()).status_code == 200
    lines.change(line, credentials=())
    revoked = time.monotonic()

    def ask() -> tuple[float, httpx.Response]:
        begun = time.monotonic() - revoked
        return begun, line.post(line.form())

    begun, answer = ask()
    while answer.headers.get("www-authenticate") != CHALLENGE:
        assert begun < 5
        begun, answer = ask()
    assert answer.status_code == 401


def test_a_tenant_made_in_one_region_works_in_both(lines: Lines, arrivals: Arrivals) -> None:
    for here, there in (("east", "south"), ("south", "east")):
        line = lines.on(there, lines.open(here))
        form = line.form()
        assert line.post(form).status_code == 200
        assert arrivals.arrived(there, form["MessageSid"])
        assert REGIONS[here] != REGIONS[there]
