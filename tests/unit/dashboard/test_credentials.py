"""Credentials on the page: a new one and its key, once; revoking and rotating, after asking."""

import json
import re
from html import unescape

import pytest

from dashboard.desk import memory
from shared.errors import Unavailable
from shared.tenants import api_keys
from shared.tenants.tenant import Role
from tests import fakes
from tests.dashboard_site import Site, busy
from tests.fakes import NOW, OUR_NUMBER, FakeTenants
from tests.numbers_fakes import FakeNumbers, number_at_twilio
from tests.unit.cli.command import Command
from tests.unit.cli.test_audit import MEMBER
from tests.unit.dashboard.test_numbers import hidden
from tests.unit.dashboard.test_patterns import finished

NEW = {"name": "desk webhook", "role": "Writer"}


@pytest.fixture
def site() -> Site:
    return Site(busy())


def shown_secret(page: str) -> dict[str, str]:
    match = re.search(r"<textarea[^>]*class=\"secret\"[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert match
    document: dict[str, str] = json.loads(unescape(match[1]))
    return document


def names(site: Site) -> list[str]:
    return [credential.name for credential in site.command.store.stored().credentials]


def test_the_list_leads_to_the_form_and_offers_what_can_be_done() -> None:
    page = Site(busy()).get("/credentials/").text
    assert '<a class="button" href="/credentials/new">New Credential (+)</a>' in page
    assert f'action="/credentials/{MEMBER.id}/revoke"' in page
    assert f'aria-label="Rotate {MEMBER.name}"' in page


def test_a_new_credential_shows_its_key_as_json_once(site: Site) -> None:
    answer = site.post("/credentials/new", NEW)
    location = answer.headers["Location"]
    page = site.followed(answer)
    shown = shown_secret(page)
    tenant = site.command.store.stored()
    _, credential = api_keys.authenticate(FakeTenants(tenant), shown["APIKEY"])
    assert (credential.name, credential.role) == ("desk webhook", Role.WRITER)
    assert shown == {
        "APIKEY": shown["APIKEY"],
        "name": "desk webhook",
        "role": "Writer",
        "id": credential.id,
        "tenant": "acme",
    }
    assert shown["APIKEY"] not in location
    for path in (location, "/credentials/", "/audit/"):
        assert shown["APIKEY"] not in site.get(path).text
    assert [record["what"] for record in site.command.audit.kept] == ["credential.create"]


def test_the_form_offers_the_active_roles_alone() -> None:
    command = Command.on(fakes.managed_tenant(roles_active=(Role.WRITER,)))
    page = Site(command).get("/credentials/new").text
    assert re.findall(r"<option[^>]*>(\w+)</option>", page.partition("<main")[2]) == ["Writer"]
    assert "sms --tenant acme tenant update --roles" in page or "sms tenant update --roles" in page


@pytest.mark.parametrize(
    ("form", "field", "why"),
    [
        ({"name": MEMBER.name, "role": "Writer"}, "name", MEMBER.name),
        ({"name": "", "role": "Writer"}, "name", "1 to 64"),
        ({"name": "x" * 65, "role": "Writer"}, "name", "1 to 64"),
        ({"name": "one", "role": "Reader"}, "role", "to activate Reader as well"),
        ({"name": "one", "role": "Owner"}, "role", "choose one of"),
        ({"name": "one"}, "role", "choose one of"),
        ({}, "role", "choose one of"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(form: dict[str, str], field: str, why: str) -> None:
    command = Command.on(fakes.managed_tenant(MEMBER, roles_active=(Role.WRITER, Role.MANAGER)))
    site = Site(command)
    answer = site.post("/credentials/new", form)
    assert answer.status_code == 422
    match = re.search(rf'id="error-{field}">(.*?)</p>', answer.text)
    assert match, answer.text
    assert why in unescape(match[1])
    assert names(site) == [MEMBER.name]


def test_revoking_asks_first_and_says_who_uses_the_key(site: Site) -> None:
    site.command.run("number", "connect", OUR_NUMBER, "--yes")
    connected = site.command.store.stored().credentials[-1]
    path = f"/credentials/{connected.id}/revoke"
    question = site.post(path)
    assert question.status_code == 200
    assert "1 number is connected with its key, and its texts will be refused." in question.text
    assert connected.name in names(site)
    page = site.followed(site.post(path, {"confirmed": "yes"}))
    assert "was revoked" in page
    assert connected.name not in names(site)


@pytest.mark.parametrize("path", ["/credentials/nobody/revoke", "/credentials/nobody/rotate"])
def test_a_credential_that_does_not_exist_is_not_found(site: Site, path: str) -> None:
    answer = site.post(path, {"confirmed": "yes"})
    assert answer.status_code == 404
    assert "no such credential" in answer.text
    assert names(site) == [MEMBER.name]


def test_nothing_is_changed_by_looking() -> None:
    site = Site(busy())
    for path in ("revoke", "rotate"):
        assert site.get(f"/credentials/{MEMBER.id}/{path}").status_code == 405
    assert names(site) == [MEMBER.name]


def test_a_failure_of_aws_is_the_sentence_of_the_command(site: Site) -> None:
    site.command.store.failing = Unavailable("the secret could not be read")
    answer = site.post("/credentials/new", NEW)
    assert answer.status_code == 503
    assert "the secret could not be read" in answer.text


def work_of(site: Site, location: str) -> str:
    """The page of long work, once it has ended."""
    with site.app.app_context():
        job = memory().jobs.find(location.rpartition("/")[2])
    assert job
    finished(job)
    return site.get(location).text


def test_rotating_shows_the_plan_asks_and_hands_out_the_new_key_once(site: Site) -> None:
    site.command.numbers = FakeNumbers.of(number_at_twilio())
    path = f"/credentials/{MEMBER.id}/rotate"
    question = site.post(path)
    assert f"Rotate the key of &#39;{MEMBER.name}&#39; like this?" in question.text
    assert " → " in question.text
    assert names(site) == [MEMBER.name]
    location = site.post(path, hidden(question)).headers["Location"]
    page = work_of(site, location)
    shown = shown_secret(page)
    _, credential = api_keys.authenticate(FakeTenants(site.command.store.stored()), shown["APIKEY"])
    assert credential.replaces == MEMBER.id
    assert f"./sms credential rotate {MEMBER.name}" in page
    assert shown["APIKEY"] not in site.get(location).text


def test_rotating_a_key_of_numbers_revokes_the_old_one(site: Site) -> None:
    times = [NOW]
    site.command.now = lambda: times[0]
    site.command.run("number", "connect", OUR_NUMBER, "--yes")
    connected = site.command.store.stored().credentials[-1]
    path = f"/credentials/{connected.id}/rotate"
    location = site.post(path, hidden(site.post(path))).headers["Location"]
    assert "the old one is revoked" in work_of(site, location)
    assert connected.id not in [credential.id for credential in site.command.store.stored().credentials]
