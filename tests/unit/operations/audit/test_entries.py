"""The audit log names everything that changed, and no value of it."""

import json
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from typing import Any

import pytest

from operations.audit.entries import Change, assigned, between, of_connection, released
from operations.tenants import agent_edits, edits
from operations.tenants.edits import Edit
from operations.tenants.managed_tenant import ManagedTenant
from shared.tenants.account import Account, RestKey
from shared.tenants.agent import Agent, AgentKind, BackendSettings
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.tenant import Credential, Role, SignatureMode
from tests import fakes
from tests.fakes import ACCOUNT, OUR_NUMBER, SECOND_TOKEN

MEMBER, KEY = fakes.credential()
URL = "https://user:hidden-password@desk.example.com/?token=hidden-query"
SECRETS = ("whsec_" + "A" * 40, "whsec_" + "B" * 40)
BACKEND = BackendSettings("http", URL, signed=True, secrets=SECRETS[:1])
CONNECTION = Connection(OUR_NUMBER, "PN1", ACCOUNT, MEMBER.id, former=Webhooks(URL, fallback_url=URL))
BEFORE = fakes.managed_tenant(
    MEMBER,
    agents=(Agent("Desk0001", "desk", AgentKind.SMS, "east", BACKEND),),
)
LAST_FOUR = "…" + OUR_NUMBER[-4:]


def changes_of(edit: Edit, before: ManagedTenant = BEFORE) -> list[Change]:
    return between(before, edit(before))


def only(what: str, which: dict[str, str] | None = None, *changed: str) -> list[Change]:
    return [Change(what, "acme", which or {}, changed)]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (edits.update(signature_mode=SignatureMode.OBSERVE), only("tenant.update", None, "signature_mode")),
        (
            edits.add_credential(board := fakes.credential(Role.READER, name="board")[0]),
            only("credential.create", {"credential": "board", "id": board.id, "role": "Reader"}),
        ),
        (
            edits.revoke_credential("twilio"),
            only("credential.revoke", {"credential": "twilio", "id": MEMBER.id, "role": "Writer"}),
        ),
        (
            edits.add_account(Account("AC" + "9" * 32, "twilio", ("t",))),
            only("twilio.add_account", {"account": "AC" + "9" * 32}),
        ),
        (
            edits.update_account(ACCOUNT, add_token="n" * 32, drop_token=SECOND_TOKEN[-4:]),
            only("twilio.update_account", {"account": ACCOUNT}, "auth_token_added", "auth_token_dropped"),
        ),
        (
            edits.update_account(ACCOUNT, rest_key=RestKey("SK" + "8" * 32, "s")),
            only("twilio.update_account", {"account": ACCOUNT}, "rest_key"),
        ),
        (
            agent_edits.update_agent("desk", new_name="front", region="south"),
            only("agent.update", {"agent": "front", "was": "desk"}, "name", "region"),
        ),
        (
            agent_edits.set_failure_reply("desk", "hidden words"),
            only("agent.update", {"agent": "desk"}, "failure_reply"),
        ),
        (
            agent_edits.set_backend("desk", BackendSettings("echo"), second=True),
            only("backend.set", {"agent": "desk", "place": "second_backend", "kind": "echo"}),
        ),
        (
            agent_edits.set_backend("desk", replace(BACKEND, target="https://else.example.com", timeout_seconds=5)),
            only(
                "backend.update",
                {"agent": "desk", "place": "backend", "kind": "http"},
                "target",
                "timeout_seconds",
            ),
        ),
        (
            agent_edits.add_signing_secret("desk", SECRETS[1]),
            only("backend.update", {"agent": "desk", "place": "backend", "kind": "http"}, "secret_added"),
        ),
        (
            agent_edits.set_backend("desk", None),
            only("backend.remove", {"agent": "desk", "place": "backend", "kind": "http"}),
        ),
    ],
)
def test_names_what_an_edit_changed(edit: Edit, expected: list[Change]) -> None:
    assert changes_of(edit) == expected


def test_names_everything_that_a_new_tenant_has() -> None:
    changes = [change.what for change in between(None, BEFORE)]
    assert changes == [
        "tenant.create",
        "credential.create",
        "twilio.add_account",
        "twilio.add_account",
        "agent.create",
        "backend.set",
    ]


def test_a_deleted_agent_does_not_rename_its_neighbour() -> None:
    two = fakes.managed_tenant(agents=(*BEFORE.agents, Agent("Second01", "second", AgentKind.SMS, "south")))
    changes = changes_of(agent_edits.delete_agent("desk"), two)
    assert [change.what for change in changes] == ["agent.delete", "backend.remove"]
    assert {change.which["agent"] for change in changes} == {"desk"}


def test_agents_that_swap_their_names_are_renamed() -> None:
    desk, second = BEFORE.agents[0], Agent("Second01", "second", AgentKind.SMS, "south")
    before = fakes.managed_tenant(agents=(desk, second))
    after = fakes.managed_tenant(agents=(replace(desk, name="second"), replace(second, name="desk")))
    assert [(change.what, change.which) for change in between(before, after)] == [
        ("agent.update", {"agent": "second", "was": "desk"}),
        ("agent.update", {"agent": "desk", "was": "second"}),
    ]


def test_a_number_is_recorded_with_its_agent_and_by_its_last_digits() -> None:
    assert assigned("acme", OUR_NUMBER, "desk") == only("number.assign", {"number": LAST_FOUR, "agent": "desk"})[0]
    assert released("acme", OUR_NUMBER, "desk") == only("number.release", {"number": LAST_FOUR, "agent": "desk"})[0]


def test_a_connection_is_recorded_when_it_is_made_changed_and_taken_back() -> None:
    which = {"number": LAST_FOUR, "credential_id": MEMBER.id}
    changed = replace(CONNECTION, service="MG1")
    assert of_connection("acme", None, CONNECTION) == only("number.connect", which)
    assert of_connection("acme", CONNECTION, changed) == only("number.reconnect", which, "service")
    assert of_connection("acme", CONNECTION, None) == only("number.disconnect", which)
    assert of_connection("acme", CONNECTION, CONNECTION) == []
    assert of_connection("acme", None, None) == []


def test_equal_tenants_have_no_change() -> None:
    again = fakes.managed_tenant(*BEFORE.credentials, agents=BEFORE.agents)
    assert between(BEFORE, again) == []


def test_a_secret_that_comes_first_now_is_a_change() -> None:
    turned = replace(BEFORE.accounts[0], auth_tokens=BEFORE.accounts[0].auth_tokens[::-1])
    [change] = between(BEFORE, replace(BEFORE, accounts=(turned, BEFORE.accounts[1])))
    assert change.fields == ("auth_token_order",)


OTHER: dict[str, Any] = {
    "region": "ie1",
    "roles_active": (Role.WRITER,),
    "signature_mode": SignatureMode.OBSERVE,
    "role": Role.MANAGER,
    "kind": AgentKind.VOICE_AND_SMS,
    "stage": "south",
    "backend": BackendSettings("echo"),
    "second_backend": BackendSettings("echo"),
    "session_seconds": 60,
    "answer_within_seconds": 60,
    "initiates_from_inbound": False,
    "timeout_notice": "Bye.",
    "timeout_seconds": 60,
    "statuses": True,
    "auth_tokens": ("hidden-token",),
    "secrets": ("hidden-one",),
    "rest_key": RestKey("SK1", "hidden-key"),
    "salt": "5" * 64,
    "sha256": "6" * 64,
    "credentials": (),
    "accounts": (),
    "agents": (),
    "former": Webhooks("https://hidden.example.com"),
    "number": "+12025550188",
}


def other(thing: object, name: str) -> Any:  # noqa: ANN401 - a tenant, or a part of one
    """The thing with another value for one field."""
    if name == "signed":
        return replace(thing, signed=False, secrets=())  # type: ignore[type-var] # backend settings
    values = {**OTHER, "kind": "lex"} if isinstance(thing, BackendSettings) else OTHER
    return replace(thing, **{name: values.get(name, "Other123")})  # type: ignore[type-var] # a dataclass


PLACES: list[tuple[Any, Callable[[Any], ManagedTenant]]] = [
    (BEFORE, lambda changed: changed),
    (MEMBER, lambda changed: replace(BEFORE, credentials=(changed,))),
    (BEFORE.accounts[0], lambda changed: replace(BEFORE, accounts=(changed, BEFORE.accounts[1]))),
    (BEFORE.agents[0], lambda changed: replace(BEFORE, agents=(changed,))),
    (BACKEND, lambda changed: replace(BEFORE, agents=(replace(BEFORE.agents[0], backend=changed),))),
]
EVERY_FIELD = [
    pytest.param(place, thing, each.name, id=f"{type(thing).__name__}.{each.name}")
    for thing, place in PLACES
    for each in fields(thing)
    if each.name != "id" or isinstance(thing, Credential)  # with another id it is another tenant or agent
]


@pytest.mark.parametrize(("place", "thing", "name"), EVERY_FIELD)
def test_no_field_changes_unnoticed(place: Callable[[Any], ManagedTenant], thing: object, name: str) -> None:
    changes = between(BEFORE, place(other(thing, name)))
    assert changes
    assert {change.tenant for change in changes} == {"acme"}


@pytest.mark.parametrize(("place", "thing", "name"), EVERY_FIELD)
def test_names_nothing_secret(place: Callable[[Any], ManagedTenant], thing: object, name: str) -> None:
    after = place(other(thing, name))
    changes = [*between(None, BEFORE), *between(BEFORE, after), *between(after, BEFORE)]
    changes += of_connection("acme", CONNECTION, replace(CONNECTION, former=Webhooks("https://hidden.example.com")))
    text = json.dumps([asdict(change) for change in changes], ensure_ascii=False)
    secret = [KEY, MEMBER.sha256, MEMBER.last_four, URL, "hidden", BEFORE.salt, "5" * 64, "6" * 64, *SECRETS]
    secret += [token for account in BEFORE.accounts for token in account.auth_tokens]
    for kept in (*secret, OUR_NUMBER, OUR_NUMBER[1:], "+12025550188", fakes.REST_SECRET):
        assert kept not in text
