"""The page of agents: made, changed, cloned, deleted and asked; secrets are shown once and no password ever."""

import html
import re
from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.test import TestResponse

from operations.tenants.agent_edits import agent_named
from shared.errors import Unavailable
from shared.messages.outbound import Answer, AnswerMessage
from shared.tenants.agent import Agent, BackendSettings
from tests.dashboard_site import Site, busy
from tests.fakes import DESK, OUR_NUMBER
from tests.unit.cli.test_audit import SECRETS
from tests.unit.dashboard.test_numbers import hidden, worked

ITS = f"/agents/{DESK.id}"


@pytest.fixture
def site() -> Site:
    return Site(busy())


def stored(site: Site, name: str = "desk") -> Agent:
    return agent_named(site.command.store.stored(), name)


def form_at(site: Site, path: str, button: str) -> dict[str, str]:
    """What a browser posts of the form with this button, if nothing is typed."""
    [form] = [form for form in re.split(r"<form ", site.get(path).text) if f"<button>{button}</button>" in form]
    values = {
        name: html.unescape(value) for name, value in re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', form)
    }
    for name, options in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        values[name] = (re.findall(r"<option selected>([^<]*)", options) or [""])[0]
    for name, text in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        values[name] = html.unescape(text)
    for name in re.findall(r'<input type="checkbox" name="(\w+)" value="yes">', form):
        values.pop(name, None)
    return values


def secrets_in(answer: TestResponse | str) -> list[str]:
    text = answer if isinstance(answer, str) else answer.text
    return re.findall(r"whsec_[A-Za-z0-9+/]{40,}", text)


@pytest.mark.parametrize(("seconds", "timeout"), [("604799.5", "7.25"), ("123456.7", "12.345678"), ("60", "7")])
def test_times_are_sent_back_with_all_their_digits(seconds: str, timeout: str, site: Site) -> None:
    site.command.run("agent", "update", "desk", "--session-timeout", seconds, "--backend-timeout", timeout)
    before, form = stored(site), form_at(site, ITS, "Change")
    assert (form["session_seconds"], form["backend_timeout"]) == (seconds, timeout)
    assert site.post(ITS, form).status_code == 303
    assert stored(site) == before
    fields = re.findall(r'<input[^>]* type="number"[^>]*>', site.get(ITS).text)
    assert fields  # without a step, browsers send whole numbers alone
    assert all('step="any"' in field for field in fields)


def test_a_change_that_somebody_made_meanwhile_is_not_undone(site: Site) -> None:
    form = form_at(site, ITS, "Change") | {"failure_reply": "Mine."}
    site.command.run("agent", "update", "desk", "--session-timeout", "60")
    answer = site.post(ITS, form)
    assert answer.status_code == 422
    assert "Somebody changed this agent since it was shown" in answer.text
    assert stored(site).session_seconds == 60
    assert stored(site).failure_reply != "Mine."
    assert site.post(ITS, form_at(site, ITS, "Change") | {"failure_reply": "Mine."}).status_code == 303
    assert (stored(site).session_seconds, stored(site).failure_reply) == (60, "Mine.")


SENTENCES = ["\u200f\u05e9\u05dc\u05d5\u05dd\u200e!", "co\u00adoperate\u200b", "Sorry.\nCall us.", "<b>&amp;\"'"]


@pytest.mark.parametrize("sentence", SENTENCES, ids=ascii)
def test_a_form_that_is_sent_back_changes_nothing(sentence: str, site: Site) -> None:
    """What is escaped so that people can see it would be stored like that."""
    site.post(ITS, form_at(site, ITS, "Change") | {"failure_reply": sentence.replace("\n", "\r\n")})
    before = stored(site)
    assert before.failure_reply == sentence
    answer = site.post(ITS, form_at(site, ITS, "Change"))
    assert answer.status_code == 303
    assert stored(site) == before


def test_agents_are_listed_and_searched(site: Site) -> None:
    shown = site.get("/agents/").text
    assert ITS in shown
    assert "hidden-query" not in shown
    assert ITS in site.get("/agents/?search=0199").text
    assert "There is no such agent." in site.get("/agents/?search=nowhere").text


def test_an_agent_is_made_with_its_secret_shown_once(site: Site) -> None:
    form = form_at(site, "/agents/new", "Make it")
    assert form["session_seconds"] == "3600"
    form |= {"name": "sales", "region": "south", "backend": "http", "backend_place": "https://sales.example.com/"}
    answer = site.post("/agents/new", form)
    shown = site.followed(answer)
    [secret] = secrets_in(shown)
    made = stored(site, "sales")
    assert made.backend
    assert (made.stage, made.backend.target, made.backend.secrets) == ("south", "https://sales.example.com/", (secret,))
    assert secret not in answer.headers["Location"]
    assert secrets_in(site.get(answer.headers["Location"])) == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": ""}, "1 to 64 printable characters"),
        ({"name": "desk"}, "&#39;desk&#39;"),
        ({"session_seconds": "soon"}, "must be a number of seconds"),
        ({"session_seconds": "0"}, "a session must last more than 0"),
        ({"backend": "http", "backend_place": "http://example.com/"}, "https"),
        ({"backend": "http", "backend_place": ""}, "URL"),
        ({"backend": "soe", "backend_place": "https://e.example.com/", "backend_user": "me"}, "for the password"),
        ({"backend": "watson", "backend_place": "https://e.example.com/v2/assistants/1"}, "for the password"),
        ({"second_backend": "echo"}, "a second backend needs a first one"),
        ({"backend": "queue", "backend_place": "arn:aws:sqs:us-east-1:111122223333:x"}, "may not use this queue"),
    ],
)
def test_what_cannot_be_made_is_said_and_what_was_typed_stays(changes: dict[str, str], why: str, site: Site) -> None:
    form = form_at(site, "/agents/new", "Make it") | {"name": "sales", "failure_reply": "As typed."} | changes
    answer = site.post("/agents/new", form)
    assert answer.status_code == 422
    assert why in answer.text
    assert "As typed." in answer.text
    assert [agent.name for agent in site.command.store.stored().agents] == ["desk"]


def test_a_form_that_is_sent_as_it_is_changes_nothing(site: Site) -> None:
    before = stored(site)
    site.followed(site.post(ITS, form_at(site, ITS, "Change")))
    assert stored(site) == before


def test_settings_are_changed_and_the_secrets_stay(site: Site) -> None:
    form = form_at(site, ITS, "Change")
    form |= {
        "name": "front",
        "failure_reply": "",
        "timeout_notice": "Bye.",
        "backend_timeout": "7",
        "backend_statuses": "yes",
    }
    assert secrets_in(site.followed(site.post(ITS, form))) == []
    changed = stored(site, "front")
    assert changed.backend
    assert (changed.id, changed.failure_reply, changed.backend.timeout_seconds) == (DESK.id, None, 7)
    assert (changed.timeout_notice, changed.initiates_from_inbound) == ("Bye.", True)
    form = form_at(site, ITS, "Change") | {"timeout_notice": ""}
    del form["initiates_from_inbound"]
    site.followed(site.post(ITS, form))
    assert (stored(site, "front").timeout_notice, stored(site, "front").initiates_from_inbound) == (None, False)
    assert (changed.backend.statuses, changed.backend.secrets) == (True, SECRETS)


def test_a_password_is_stored_kept_and_never_in_the_form(site: Site) -> None:
    engine = {"backend": "soe", "backend_place": "https://e.example.com/", "backend_user": "gateway"}
    site.followed(site.post(ITS, form_at(site, ITS, "Change") | engine | {"backend_password": "open sesame"}))
    assert stored(site).backend == BackendSettings(
        "soe", "https://e.example.com/", signed=True, secrets=("open sesame",), user="gateway"
    )
    page = site.get(ITS).text
    assert "open sesame" not in page
    site.followed(site.post(ITS, form_at(site, ITS, "Change") | {"backend_timeout": "5"}))
    backend = stored(site).backend
    assert backend
    assert (backend.secrets, backend.timeout_seconds) == (("open sesame",), 5)
    refused = site.post(ITS, form_at(site, ITS, "Change") | {"backend_user": "another", "backend_password": ""})
    assert refused.status_code == 422
    typed = {"backend_password": "new words", "session_seconds": "0"}
    assert "new words" not in site.post(ITS, form_at(site, ITS, "Change") | typed).text


def test_a_user_is_taken_from_a_backend_with_its_password(site: Site) -> None:
    engine = {"backend": "soe", "backend_place": "https://e.example.com/", "backend_user": "gateway"}
    site.followed(site.post(ITS, form_at(site, ITS, "Change") | engine | {"backend_password": "open sesame"}))
    site.followed(site.post(ITS, form_at(site, ITS, "Change") | {"backend_user": ""}))
    assert stored(site).backend == BackendSettings("soe", "https://e.example.com/")


@pytest.mark.parametrize("kind", ["http", "echo", "soe"])
def test_a_password_that_nothing_asks_for_is_refused_and_not_dropped(kind: str, site: Site) -> None:
    before = stored(site)
    form = form_at(site, ITS, "Change") | {"backend": kind, "backend_user": "", "backend_password": "open sesame"}
    answer = site.post(ITS, form)
    assert answer.status_code == 422
    assert "of kind soe with a user, asks for a password" in answer.text
    assert stored(site) == before
    assert 'type="password" autocomplete="new-password"' in site.get(ITS).text


def test_the_key_of_an_assistant_stays_whatever_the_field_for_a_user_says(site: Site) -> None:
    place = "https://api.us-south.assistant.watson.cloud.ibm.com/instances/1/v2/assistants/2"
    watson = {"backend": "watson", "backend_place": place, "backend_user": "", "backend_password": "a-key"}
    site.followed(site.post(ITS, form_at(site, ITS, "Change") | watson))
    before = stored(site)
    site.followed(site.post(ITS, form_at(site, ITS, "Change") | {"backend_user": ""}))
    assert stored(site) == before


def test_a_backend_is_taken_away(site: Site) -> None:
    site.followed(site.post(ITS, form_at(site, ITS, "Change") | {"backend": ""}))
    assert stored(site).backend is None


def test_an_agent_is_cloned_with_secrets_of_its_own(site: Site) -> None:
    shown = site.followed(site.post(f"{ITS}/clone", {"new_name": "rear"}))
    assert "It has no numbers yet." in shown
    clone = stored(site, "rear")
    assert clone.backend
    assert list(clone.backend.secrets) == secrets_in(shown)
    assert not set(SECRETS) & set(clone.backend.secrets)
    assert site.post(f"{ITS}/clone", {"new_name": "rear"}).status_code in {409, 422}


def test_deleting_asks_first(site: Site) -> None:
    answer = site.post(f"{ITS}/delete")
    assert "Delete agent &#39;desk&#39;?" in answer.text
    assert "Its numbers are released: 1." in answer.text
    assert stored(site)
    assert "is deleted." in site.followed(site.post(f"{ITS}/delete", hidden(site.post(f"{ITS}/delete"))))
    assert site.command.store.stored().agents == ()
    assert site.command.store.numbers == {}


def test_its_backend_is_asked_with_a_sample_text(site: Site) -> None:
    def answers(event: Mapping[str, Any]) -> Answer:
        assert event["data"]["to"] == OUR_NUMBER
        return Answer((AnswerMessage(f"<i>{event['data']['text']}</i>"),))

    site.command.backend = answers
    assert "It says: &lt;i&gt;Hello there&lt;/i&gt;" in worked(site, site.post(f"{ITS}/ask", {"text": "Hello there"}))
    site.command.backend = lambda _: Answer((AnswerMessage("To stop: sms send STOP"),))
    assert "It says: To stop: sms send STOP" in worked(site, site.post(f"{ITS}/ask", {"text": "Hello"}))
    site.command.backend = lambda _: Answer(later=True)
    assert "It promised to answer later." in worked(site, site.post(f"{ITS}/ask", {"text": ""}))

    def fail(_: Mapping[str, Any]) -> Answer:
        message = "the backend answered 503"
        raise Unavailable(message)

    site.command.backend = fail
    assert "the backend answered 503" in worked(site, site.post(f"{ITS}/ask", {"text": "Hello"}))
    assert "has no second backend" in worked(site, site.post(f"{ITS}/ask", {"text": "Hello", "second": "yes"}))


@pytest.mark.parametrize("path", ["", "/clone", "/delete", "/ask"])
def test_an_agent_that_does_not_exist_is_not_found(path: str, site: Site) -> None:
    assert site.post(f"/agents/Nobody00{path}", {"confirmed": "yes", "new_name": "x"}).status_code == 404
    assert site.get("/agents/Nobody00").status_code == 404
