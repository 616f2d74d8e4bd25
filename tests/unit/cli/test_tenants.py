import pytest

from shared.tenants.tenant import Role, SignatureMode
from tests import fakes
from tests.unit.cli.command import Command


def test_creates_a_tenant_in_the_region_of_the_stage() -> None:
    command = Command.on()
    shown = command.json("tenant", "create", "acme", "--stage", "south", "--roles", "reader, Writer")
    assert shown == {
        "id": "acme",
        "primary_region": "us-east-2",
        "roles_active": ["Reader", "Writer"],
        "signature_mode": "enforce",
        "credentials": [],
        "accounts": [],
        "agents": [],
    }
    assert command.store.stored().roles_active == (Role.READER, Role.WRITER)


def test_shows_a_tenant_and_none_of_its_secrets() -> None:
    member, _ = fakes.credential()
    result = Command.on(fakes.tenant(member)).run("tenant", "show", "acme", "--json")
    assert fakes.SUBACCOUNT in result.stdout
    for secret in (fakes.TOKEN, fakes.SUBACCOUNT_TOKEN, fakes.REST_SECRET, fakes.SALT, member.sha256):
        assert secret not in result.output


def test_updates_the_signature_mode_alone() -> None:
    command = Command.on(fakes.tenant())
    command.json("tenant", "update", "--signature", "observe")
    assert command.store.stored() == fakes.tenant(signature_mode=SignatureMode.OBSERVE)


@pytest.mark.parametrize("roles", ["", "Owner", "Reader;Writer", "Reader,,Writer"])
def test_refuses_unknown_roles(roles: str) -> None:
    assert "Reader, Writer, Manager" in Command.on(fakes.tenant()).declined("tenant", "update", "--roles", roles)


def test_refuses_to_create_what_exists() -> None:
    assert "exists already" in Command.on(fakes.tenant()).declined("tenant", "create", "acme")


def test_refuses_to_deactivate_a_role_in_use() -> None:
    member, _ = fakes.credential(Role.WRITER)
    assert "revoke it" in Command.on(fakes.tenant(member)).declined("tenant", "update", "--roles", "Manager")


@pytest.mark.parametrize("args", [["tenant", "delete", "acme"], ["agent", "delete", "desk"]], ids=" ".join)
class TestDeleting:
    def test_refuses_without_a_terminal_and_without_yes(self, args: list[str]) -> None:
        command = Command.on(fakes.tenant())
        assert "needs --yes" in command.declined(*args, typed="y\n")
        assert command.store.stored() == fakes.tenant()

    @pytest.mark.parametrize("answer", ["n\n", "\n"])
    def test_deletes_nothing_unless_the_operator_says_yes(self, args: list[str], answer: str) -> None:
        command = Command.on(fakes.tenant())
        command.terminal = True
        result = command.run(*args, typed=answer)
        assert result.exit_code == 1
        assert "nothing was changed" in result.stderr
        assert command.store.stored() == fakes.tenant()

    def test_deletes_when_the_operator_says_yes(self, args: list[str]) -> None:
        command = Command.on(fakes.tenant())
        command.terminal = True
        assert command.run(*args, typed="y\n").exit_code == 0
        assert "desk" not in command.store.documents.get("acme", ("", 0))[0]

    def test_asks_nothing_with_yes(self, args: list[str]) -> None:
        command = Command.on(fakes.tenant())
        assert "?" not in command.run("--yes", *args).output
        assert "desk" not in command.store.documents.get("acme", ("", 0))[0]


@pytest.mark.parametrize(
    "args",
    [
        ["tenant", "delete", "other", "-y"],
        ["tenant", "show", "other"],
        ["tenant", "update", "other", "--roles", "Reader"],
    ],
    ids=" ".join,
)
def test_refuses_a_tenant_that_does_not_exist(args: list[str]) -> None:
    command = Command.on(fakes.tenant())
    assert "no tenant 'other'" in command.declined(*args)
    assert command.store.stored() == fakes.tenant()
