import pytest

from shared.tenants.tenant import Role, SignatureMode
from tests import fakes
from tests.unit.cli.command import Command


def test_creates_a_tenant() -> None:
    command = Command.on()
    shown = command.json("tenant", "create", "acme", "--stage", "south", "--roles", "reader, Writer")
    assert shown == {
        "id": "acme",
        "roles_active": ["Reader", "Writer"],
        "signature_mode": "enforce",
        "credentials": [],
        "accounts": [],
        "agents": [],
    }
    assert command.store.stored().roles_active == (Role.READER, Role.WRITER)


def test_shows_a_tenant_and_none_of_its_secrets() -> None:
    member, _ = fakes.credential()
    result = Command.on(fakes.managed_tenant(member)).run("tenant", "show", "acme", "--json")
    assert fakes.SUBACCOUNT in result.stdout
    for secret in (fakes.TOKEN, fakes.SUBACCOUNT_TOKEN, fakes.REST_SECRET, fakes.SALT, member.sha256):
        assert secret not in result.output


def test_updates_the_signature_mode_alone() -> None:
    command = Command.on(fakes.managed_tenant())
    command.json("tenant", "update", "--signature", "observe")
    assert command.store.stored() == fakes.managed_tenant(signature_mode=SignatureMode.OBSERVE)


@pytest.mark.parametrize("roles", ["", "Owner", "Reader;Writer", "Reader,,Writer"])
def test_refuses_unknown_roles(roles: str) -> None:
    assert "Reader, Writer, Manager" in Command.on(fakes.managed_tenant()).declined(
        "tenant", "update", "--roles", roles
    )


def test_refuses_to_create_what_exists() -> None:
    assert "exists already" in Command.on(fakes.managed_tenant()).declined("tenant", "create", "acme")


def test_refuses_to_deactivate_a_role_in_use() -> None:
    member, _ = fakes.credential(Role.WRITER)
    assert "revoke it" in Command.on(fakes.managed_tenant(member)).declined("tenant", "update", "--roles", "Manager")


@pytest.mark.parametrize("args", [["tenant", "delete", "acme"], ["agent", "delete", "desk"]], ids=" ".join)
class TestDeleting:
    def test_refuses_without_a_terminal_and_without_yes(self, args: list[str]) -> None:
        command = Command.on(fakes.managed_tenant())
        assert "needs --yes" in command.declined(*args, typed="y\n")
        assert command.store.stored() == fakes.managed_tenant()

    @pytest.mark.parametrize("answer", ["n\n", "\n"])
    def test_deletes_nothing_unless_the_operator_says_yes(self, args: list[str], answer: str) -> None:
        command = Command.on(fakes.managed_tenant())
        command.terminal = True
        result = command.run(*args, typed=answer)
        assert result.exit_code == 1
        assert "nothing was changed" in result.stderr
        assert command.store.stored() == fakes.managed_tenant()

    def test_deletes_when_the_operator_says_yes(self, args: list[str]) -> None:
        command = Command.on(fakes.managed_tenant())
        command.terminal = True
        assert command.run(*args, typed="y\n").exit_code == 0
        assert is_gone(command)

    def test_asks_nothing_with_yes(self, args: list[str]) -> None:
        command = Command.on(fakes.managed_tenant())
        assert "?" not in command.run("--yes", *args).output
        assert is_gone(command)


def is_gone(command: Command) -> bool:
    """Whether the tenant was deleted, or its agent."""
    stored = command.store.tenants["acme"]
    return stored.deleted_at is not None or stored.tenant.agents == ()


def test_lists_tenants_with_those_that_can_be_restored() -> None:
    command = Command.on(*(fakes.managed_tenant(id=f"tenant{number:03}") for number in range(250)))
    command.store.delete("tenant007")
    listed = command.json("tenant", "list")
    assert [row["id"] for row in listed] == [f"tenant{number:03}" for number in range(250)]
    assert listed[0] == {
        "id": "tenant000",
        "accounts": [fakes.ACCOUNT, fakes.SUBACCOUNT],
        "deleted": None,
        "restorable_until": None,
    }
    assert (listed[7]["deleted"], listed[7]["restorable_until"]) == (
        "2026-11-23T12:00:00+00:00",
        "2026-11-30T12:00:00+00:00",
    )


def test_says_how_to_make_the_first_tenant() -> None:
    result = Command.on().run("tenant", "list")
    assert (result.stdout, result.exit_code) == ("", 0)
    assert result.stderr == "There is no tenant yet; make one with: ./sms setup\n"


def test_a_deleted_tenant_is_restored_with_all_that_it_had() -> None:
    command = Command.on(fakes.managed_tenant(), numbers=[fakes.OUR_NUMBER])
    result = command.run("tenant", "delete", "acme", "--yes")
    assert "./sms tenant restore acme" in result.stderr
    assert "tenant 'acme' was deleted; to undo that: ./sms tenant restore acme" in command.declined("tenant", "show")
    assert command.json("tenant", "restore", "acme") == {"restored": "acme"}
    assert command.store.stored() == fakes.managed_tenant()
    assert command.store.numbers_of("desk") == [fakes.OUR_NUMBER]


def test_a_deletion_that_was_interrupted_is_finished_without_a_question() -> None:
    command = Command.on(fakes.managed_tenant())
    command.store.delete("acme")
    assert command.json("tenant", "delete", "acme") == {"deleted": "acme"}


def test_a_deleted_tenant_is_erased_when_the_operator_says_yes() -> None:
    command = Command.on(fakes.managed_tenant(), numbers=[fakes.OUR_NUMBER])
    command.store.delete("acme")
    assert "needs --yes" in command.declined("tenant", "purge", "acme")
    command.terminal = True
    assert command.run("tenant", "purge", "acme", typed="n\n").exit_code == 1
    assert command.store.tenants.keys() == {"acme"}
    result = command.run("tenant", "purge", "acme", typed="y\n")
    assert "Tenant acme: Erase all that is left of tenant acme for good, and free its numbers?" in result.stderr
    assert result.exit_code == 0
    assert (command.store.tenants, command.store.numbers) == ({}, {})


def test_what_was_not_deleted_is_neither_restored_nor_erased() -> None:
    command = Command.on(fakes.managed_tenant())
    for verb in ("restore", "purge"):
        assert "is not deleted" in command.declined("tenant", verb, "acme", "--yes")
    assert command.store.stored() == fakes.managed_tenant()


@pytest.mark.parametrize(
    "args",
    [
        ["tenant", "delete", "other", "-y"],
        ["tenant", "restore", "other"],
        ["tenant", "purge", "other", "-y"],
        ["tenant", "show", "other"],
        ["tenant", "update", "other", "--roles", "Reader"],
    ],
    ids=" ".join,
)
def test_refuses_a_tenant_that_does_not_exist(args: list[str]) -> None:
    command = Command.on(fakes.managed_tenant())
    assert "no tenant 'other'" in command.declined(*args)
    assert command.store.stored() == fakes.managed_tenant()
