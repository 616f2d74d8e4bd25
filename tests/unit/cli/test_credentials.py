import json
from datetime import timedelta

from operations.stage.deployed_stack import LogLine
from shared.errors import Unavailable
from shared.tenants import api_keys
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.tenant import Role
from tests import fakes
from tests.fakes import FakeTenants, owner
from tests.unit.cli.command import Command


def test_creates_a_credential_and_shows_its_key_under_apikey() -> None:
    command = Command.on(fakes.managed_tenant())
    shown = command.json("credential", "create", "--name", "twilio", "--role", "Writer")
    assert shown.keys() == {"APIKEY", "name", "role", "id", "tenant"}
    stored = command.store.stored()
    assert owner(FakeTenants(stored), shown["APIKEY"]) == ("acme", stored.credentials[0])
    assert (shown["name"], shown["role"], shown["tenant"]) == ("twilio", "Writer", "acme")
    assert shown["id"] == stored.credentials[0].id


def test_shows_people_the_key_unbroken_on_one_line_and_says_that_it_is_shown_once() -> None:
    name = "a name that makes the line long " * 2
    result = Command.on(fakes.managed_tenant()).run("credential", "create", "--name", name.strip(), "--role", "manager")
    lines = dict(line.split(None, 1) for line in result.stdout.splitlines())
    api_keys.read_key(lines["APIKEY"])
    assert lines["role"] == "Manager"
    assert "shown only once" in result.stderr
    assert lines["APIKEY"] not in result.stderr


def test_shows_a_credential_without_its_key() -> None:
    member, key = fakes.credential(Role.READER)
    result = Command.on(fakes.managed_tenant(member)).run("credential", "show", "twilio")
    for shown in ("twilio", "Reader", key[-4:], "2026-11-23T12:00:00Z"):
        assert shown in result.stdout
    assert "cannot be shown again" in result.stderr
    assert key[-5:] not in result.output
    assert member.sha256 not in result.output


def test_lists_credentials_without_their_digests() -> None:
    member, _ = fakes.credential()
    assert Command.on(fakes.managed_tenant(member)).json("credential", "list") == [
        {
            "name": "twilio",
            "role": "Writer",
            "last_four": member.last_four,
            "created": "2026-11-23T12:00:00Z",
            "id": member.id,
            "agent_id": None,
        }
    ]


def test_says_how_to_make_the_first_credential() -> None:
    result = Command.on(fakes.managed_tenant()).run("credential", "list")
    assert (result.stdout, result.exit_code) == ("", 0)
    assert "./sms --tenant acme credential create" in result.stderr
    assert Command.on(fakes.managed_tenant()).json("credential", "list") == []


def test_revokes_a_credential() -> None:
    member, _ = fakes.credential()
    command = Command.on(fakes.managed_tenant(member))
    assert command.json("credential", "revoke", "twilio") == {"revoked": "twilio"}
    assert command.store.stored().credentials == ()


def connected() -> Command:
    """Three numbers, two of which were connected with the key of the credential `twilio`."""
    member, other = fakes.credential()[0], fakes.credential(name="other")[0]
    command = Command.on(fakes.managed_tenant(member, other))
    for last, credential in enumerate((member, member, other)):
        connection = Connection(f"+1202555{last:04}", "PN1", fakes.ACCOUNT, credential.id, Webhooks())
        command.directory.put_connection("acme", connection, instead_of=None)
    return command


def test_asks_before_it_revokes_a_credential_that_numbers_are_connected_with() -> None:
    command = connected()
    before = command.store.stored()
    assert "needs --yes" in command.declined("credential", "revoke", "twilio")
    command.terminal = True
    result = command.run("credential", "revoke", "twilio", typed="n\n")
    assert "2 numbers are connected with its key, and their texts will be refused." in result.stderr
    assert command.store.stored() == before
    assert command.run("credential", "revoke", "twilio", typed="y\n").exit_code == 0
    assert [credential.name for credential in command.store.stored().credentials] == ["other"]


def test_refuses_a_role_that_is_not_active_and_shows_no_key() -> None:
    command = Command.on(fakes.managed_tenant(roles_active=(Role.READER,)))
    refusal = command.declined("credential", "create", "--name", "a", "--role", "Writer")
    assert "active roles, which are Reader" in refusal
    assert "./sms --tenant acme tenant update --roles Reader,Writer" in refusal
    assert command.store.stored().credentials == ()


def test_refuses_a_name_that_is_taken() -> None:
    member, _ = fakes.credential()
    command = Command.on(fakes.managed_tenant(member))
    assert "'twilio' exists" in command.declined("credential", "create", "--name", "twilio", "--role", "Writer")


def test_refuses_a_name_that_breaks_the_rule() -> None:
    for name in ("", " a", "x" * 65, "a\nb", "a\x1b[2J"):
        refusal = Command.on(fakes.managed_tenant()).declined(
            "credential", "create", "--name", name, "--role", "Writer"
        )
        assert "1 to 64 printable characters" in refusal


def test_refuses_to_show_or_revoke_what_does_not_exist() -> None:
    for verb in ("show", "revoke"):
        assert "no credential 'nobody'" in Command.on(fakes.managed_tenant()).declined("credential", verb, "nobody")


def used(credential: str) -> LogLine:
    written = {"message": "Accepted", "tenant": "acme", "credential": credential, "stage": "east"}
    return LogLine("1", "receiver", fakes.NOW - timedelta(hours=2), json.dumps(written))


def test_asks_before_it_revokes_a_credential_whose_key_was_used_within_a_day() -> None:
    member, other = fakes.credential()[0], fakes.credential(name="other")[0]
    command = Command.on(fakes.managed_tenant(member, other))
    command.logs = {"receiver": [used(member.id)]}
    assert "needs --yes" in command.declined("credential", "revoke", "twilio")
    command.terminal = True
    asked = command.run("credential", "revoke", "twilio", typed="n\n").stderr
    assert "Its key was last used at 2026-11-23 10:00:00 UTC on stage east. Revoke 'twilio'?" in asked
    assert command.run("credential", "revoke", "other").exit_code == 0, "nobody uses it"
    assert command.run("credential", "revoke", "twilio", typed="y\n").exit_code == 0
    assert command.store.stored().credentials == ()


def test_asks_when_it_cannot_be_told_whether_a_key_is_in_use() -> None:
    member, _ = fakes.credential()
    command = Command.on(fakes.managed_tenant(member))
    command.failing_logs = Unavailable("the logs could not be read")
    command.terminal = True
    asked = command.run("credential", "revoke", "twilio", typed="y\n")
    assert "It cannot be told whether its key is in use: the logs could not be read. Revoke 'twilio'?" in asked.stderr
    assert command.store.stored().credentials == ()
