"""Mistakes of all kinds, and that one command names the cause of each: a row for each mistake."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from devstack.backend import CannedAnswer
from devstack.phones import Phones
from operations.tracing.outcomes import TraceState
from shared.tenants.tenant import Role
from tests.e2e.lines import message_id
from tests.e2e.operators import done, sms
from tests.e2e.talks import Talk, Talks
from tests.e2e.waiting import until


def _texted(talk: Talk, phones: Phones) -> str:
    """The person's number, when a text of theirs was delivered or not."""
    phones.text(sender=talk.person.address, to=talk.line.number, body="is anybody there?")
    return talk.person.address


def _webhook(webhook: Callable[[Talk], str], method: str = "POST") -> "Make":
    """Somebody changes the number's webhook at Twilio."""

    def make(talk: Talk, talks: Talks) -> str:
        number = {"account_sid": talk.line.account, "sms_url": webhook(talk), "sms_method": method}
        path = f"{talks.phones.url}/numbers/{talk.line.number}"
        httpx.put(path, json=number, trust_env=False).raise_for_status()
        return _texted(talk, talks.phones)

    return make


def _backend(answer: CannedAnswer) -> "Make":
    """The backend answers every text so."""

    def make(talk: Talk, talks: Talks) -> str:
        talks.backend.on(talk.line.tenant, lambda _: answer)
        return _texted(talk, talks.phones)

    return make


def _other_token(talk: Talk, talks: Talks) -> str:
    """Twilio signs with a token that was not stored."""
    token = secrets.token_hex(16)
    talks.lines.secret.add(token)
    talks.phones.set_account(talk.line.account, auth_token=token)
    return _texted(talk, talks.phones)


def _reader(talk: Talk, talks: Talks) -> str:
    """The key's credential is made a Reader."""
    [credential] = talks.lines.tenant(talk.line).credentials
    talks.lines.change(talk.line, credentials=(replace(credential, role=Role.READER),))
    return _texted(talk, talks.phones)


def _revoked(talk: Talk, talks: Talks) -> str:
    """The key is revoked."""
    talks.lines.issue(talk.line, "another")
    done("credential", "revoke", "phone", *_here(talk))
    return _texted(talk, talks.phones)


def _released(talk: Talk, talks: Talks) -> str:
    """The number is taken from its agent."""
    done("number", "release", talk.line.number, *_here(talk))
    return _texted(talk, talks.phones)


def _no_backend(talk: Talk, talks: Talks) -> str:
    """The agent loses its backend."""
    tenant = talks.lines.tenant(talk.line)
    talks.lines.change(talk.line, agents=(replace(tenant.agents[0], backend=None),))
    return _texted(talk, talks.phones)


def _opted_out(talk: Talk, talks: Talks) -> str:
    """The person wrote STOP, and then a text."""
    talk.person.text("STOP")
    assert talk.queues.settle()
    return _texted(talk, talks.phones)


def _undelivered(talk: Talk, talks: Talks) -> str:
    """Twilio cannot deliver the answer."""
    talks.phones.fail(kind="fails_later", to=talk.person.address, error_code=30003, ends="undelivered")
    return _texted(talk, talks.phones)


def _refused_by_twilio(talk: Talk, talks: Talks) -> str:
    """Twilio refuses the answer."""
    talks.phones.fail(kind="status", to=talk.person.address, code=21211, status=400)
    return _texted(talk, talks.phones)


def _status_posted_as_text(talk: Talk, talks: Talks) -> str:
    """The one URL was pasted into the status callback, too."""
    sid = message_id()
    form = {name: value for name, value in talk.line.form(MessageSid=sid).items() if name not in {"Body", "NumMedia"}}
    assert talk.line.post({**form, "MessageStatus": "delivered"}).status_code == 200
    return sid


def _nobody_wrote(talk: Talk, _talks: Talks) -> str:
    """The person wrote to another number."""
    return talk.person.address


Make = Callable[[Talk, Talks], str]


@dataclass(frozen=True)
class Mistake:
    """A mistake, and what names its cause.

    Attributes:
        name: the mistake, in a few words.
        make: makes it and has a person write; returns what an operator asks about.
        state: what `why` says in one word.
        says: what its sentence must have, each of them.
        see: what one of the places to look at must have.
    """

    name: str
    make: Make
    state: TraceState
    says: tuple[str, ...]
    see: str = ""


MISTAKES = (
    Mistake("the backend is down", _backend(CannedAnswer(status=503)), TraceState.PARKED, ("backend_unavailable",)),
    Mistake("the backend refuses", _backend(CannedAnswer(status=400)), TraceState.PARKED, ("backend_refused",)),
    Mistake("the backend talks nonsense", _backend(CannedAnswer(body=b"{")), TraceState.PARKED, ("backend_nonsense",)),
    Mistake(
        "an auth token that is not stored",
        _other_token,
        TraceState.REFUSED,
        ("invalid_signature", "Twilio does not accept the auth tokens"),
        "doctor signature",
    ),
    Mistake(
        "a wrong path at Twilio",
        _webhook(lambda talk: talk.line.webhook.replace("SmsRecv", "SmsReceive")),
        TraceState.UNREACHED,
        ("it did not reach us", "got 404", "The number's webhook is:", "SmsReceive; it should be:"),
        "number connect",
    ),
    Mistake(
        "a wrong key at Twilio",
        _webhook(lambda talk: talk.line.webhook.replace(talk.line.key, talk.line.key[:-4] + "AAAA")),
        TraceState.UNREACHED,
        ("got 401", "The number's API key is: not one of ours"),
        "number connect",
    ),
    Mistake(
        "GET at Twilio",
        _webhook(lambda talk: talk.line.webhook, "GET"),
        TraceState.UNREACHED,
        ("with GET", "The number's method is: GET; it should be: POST."),
        "number connect",
    ),
    Mistake(
        "YOUR_API_KEY as it stands",
        _webhook(lambda talk: talk.line.webhook.replace(talk.line.key, "YOUR_API_KEY")),
        TraceState.UNREACHED,
        ("got 401", "The number's API key is: not one of ours"),
        "number connect",
    ),
    Mistake(
        "the number goes elsewhere",
        _webhook(lambda _: "https://third.example.com/texts"),
        TraceState.UNREACHED,
        ("https://third.example.com/texts; it should be:",),
        "number connect",
    ),
    Mistake(
        "the key was revoked",
        _revoked,
        TraceState.UNREACHED,
        ("got 401", "The number's API key is: revoked or unknown"),
        "number connect",
    ),
    Mistake("the key's credential is a Reader", _reader, TraceState.REFUSED, ("forbidden_role", "Reader")),
    Mistake("the number was taken from its agent", _released, TraceState.PARKED, ("no_agent", "number assign")),
    Mistake("the agent has no backend", _no_backend, TraceState.PARKED, ("no_backend",)),
    Mistake("the person opted out", _opted_out, TraceState.FAILED, ("the person wrote STOP", "21610")),
    Mistake("202, and never an answer", _backend(CannedAnswer(status=202)), TraceState.UNANSWERED, ("no_message",)),
    Mistake("Twilio cannot deliver", _undelivered, TraceState.FAILED, ("error 30003",), "errors/30003"),
    Mistake("Twilio refuses the answer", _refused_by_twilio, TraceState.PARKED, ("provider_refused", "21211")),
    Mistake(
        "the URL for texts as status callback", _status_posted_as_text, TraceState.MISDIRECTED, ("status callback",)
    ),
    Mistake(
        "the person wrote to another number",
        _nobody_wrote,
        TraceState.UNKNOWN,
        ("Twilio has no text from it",),
        "number check",
    ),
)


def _here(talk: Talk) -> tuple[str, ...]:
    return ("--stage", talk.line.stage, "--tenant", talk.line.tenant, "--yes")


def _why(talk: Talk, what: str) -> dict[str, Any]:
    ran = sms("why", what, "--since", "1h", *_here(talk))
    assert ran.returncode in {0, 3}, ran.stderr
    answer: dict[str, Any] = json.loads(ran.stdout)
    assert (ran.returncode == 0) == (answer["state"] in {"arrived", "retrying", "sent", "unanswered", "waiting"})
    return answer


@pytest.mark.parametrize("mistake", MISTAKES, ids=[mistake.name for mistake in MISTAKES])
def test_one_command_names_the_cause(mistake: Mistake, talks: Talks) -> None:
    talk = talks.begin("east", statuses=mistake.make is _undelivered)
    asked = mistake.make(talk, talks)

    until(lambda: _why(talk, asked)["state"] == mistake.state, within_seconds=40)

    answer = _why(talk, asked)
    assert (answer["state"], [said for said in mistake.says if said not in answer["verdict"]]) == (
        mistake.state,
        [],
    ), answer["verdict"]
    assert any(mistake.see in place for place in answer["see"]) or not mistake.see, answer["see"]


def test_the_sentence_comes_first_on_standard_output_and_without_any_mistake_the_exit_code_is_0(talks: Talks) -> None:
    talk = talks.begin("south")
    sid = talk.person.text("is anybody there?")
    assert talk.person.sees(1)
    assert until(lambda: _why(talk, sid)["state"] == "arrived", within_seconds=20)

    for asked in (talk.person.address, sid, f"{sid}-1", talks.phones.screen(talk.person.address)[-1]["message_sid"]):
        answer = _why(talk, asked)
        assert (answer["state"], answer["verdict"]) == ("arrived", "It was answered, and the answer arrived.")
    [text] = answer["texts"]
    assert text["stored"]["south"]["messages"] == 1
    assert text["stored"]["south"]["replies"][0]["status"] == "delivered"
    assert answer["complete"]


def test_asked_about_our_own_number_it_says_what_keeps_its_texts_from_their_agent(talks: Talks) -> None:
    talk = talks.begin("east")
    done("number", "connect", talk.line.number, *_here(talk))
    talk.person.text("is anybody there?")
    assert talk.person.sees(1)
    assert until(lambda: _why(talk, talk.line.number)["state"] == "arrived", within_seconds=20)

    talks.phones.set_number(talk.line.number, account=talk.line.account, webhook="https://third.example.com/texts")

    answer = _why(talk, talk.line.number)
    assert answer["state"] == "unreached"
    assert "Texts to this number do not reach their agent. The number's webhook is: https://third" in answer["verdict"]
