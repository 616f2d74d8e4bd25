"""Each edit of an agent: what it changes, and above all what it declines."""

from dataclasses import replace

import pytest

from operations.tenants import agent_edits
from operations.tenants.edits import Edit
from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import CommandDeclined, NotFound
from shared.tenants.agent import Agent, AgentKind, BackendSettings
from tests import fakes
from tests.fakes import DESK
from tests.unit.operations.tenants.fakes import agent, declining

OLD, NEW = "whsec_" + "b2xk" * 8, "whsec_" + "bmV3" * 8
HTTP = BackendSettings("http", "https://example.com/sms", signed=True, secrets=(OLD,))
ECHO = BackendSettings("echo")


def answered(backend: BackendSettings | None = HTTP, second: BackendSettings | None = None) -> ManagedTenant:
    """A tenant whose agent `desk` has these backends."""
    return fakes.managed_tenant(agents=(replace(agent("desk"), backend=backend, second_backend=second),))


class TestAgent:
    def test_changes_an_agent_and_keeps_its_id(self) -> None:
        edit = agent_edits.update_agent("desk", new_name="front", kind=AgentKind.VOICE_AND_SMS, region="south")
        assert edit(fakes.managed_tenant()).agents == (Agent(DESK.id, "front", AgentKind.VOICE_AND_SMS, "south"),)

    def test_changes_nothing_without_arguments(self) -> None:
        assert agent_edits.update_agent("desk")(fakes.managed_tenant()) == fakes.managed_tenant()

    def test_agents_are_in_the_order_of_their_names(self) -> None:
        before = fakes.managed_tenant(agents=(agent("two"), agent("three"), agent("one")))
        after = agent_edits.update_agent("two", new_name="a two")(before)
        assert [a.name for a in after.agents] == ["a two", "one", "three"]

    def test_deletes_only_the_agent_that_is_named(self) -> None:
        before = fakes.managed_tenant(agents=(agent("one"), agent("two")))
        assert agent_edits.delete_agent("one")(before).agents == (agent("two"),)

    @pytest.mark.parametrize("name", ["", " desk", "x" * 65, "front\ndesk", "desk\x1b[31m"])
    def test_refuses_a_new_name_that_breaks_the_rule(self, name: str) -> None:
        assert "1 to 64" in str(declining(agent_edits.update_agent("desk", new_name=name)))

    def test_refuses_a_name_that_another_agent_has(self) -> None:
        two = fakes.managed_tenant(agents=(agent("one"), agent("two")))
        assert "'one' exists already" in str(declining(agent_edits.add_agent(agent("one")), two))
        assert "'one' exists already" in str(declining(agent_edits.update_agent("two", new_name="one"), two))

    @pytest.mark.parametrize(
        "edit", [agent_edits.update_agent("nobody"), agent_edits.delete_agent("nobody")], ids=["update", "delete"]
    )
    def test_refuses_to_change_an_agent_that_does_not_exist(self, edit: Edit) -> None:
        assert isinstance(declining(edit), NotFound)
        assert isinstance(declining(edit, fakes.managed_tenant(agents=())), NotFound)

    def test_refuses_an_unknown_stage(self) -> None:
        assert "east, south" in str(declining(agent_edits.update_agent("desk", region="west")))


class TestManners:
    def test_changes_how_long_sessions_last_and_nothing_else(self) -> None:
        [changed] = agent_edits.update_agent("desk", session_seconds=60)(answered()).agents
        assert changed == replace(answered().agents[0], session_seconds=60)

    def test_sets_the_failure_reply_and_switches_it_off(self) -> None:
        changed = agent_edits.set_failure_reply("desk", "Sorry.")(answered())
        assert changed.agents[0].failure_reply == "Sorry."
        assert agent_edits.set_failure_reply("desk", None)(changed).agents[0].failure_reply is None

    @pytest.mark.parametrize("seconds", [0, -1, 7 * 24 * 3600 + 1, float("inf"), float("nan")])
    def test_refuses_a_session_that_lasts_too_long_or_not_at_all(self, seconds: float) -> None:
        assert "a session must last" in str(declining(agent_edits.update_agent("desk", session_seconds=seconds)))

    @pytest.mark.parametrize("text", ["", "x" * 1025])
    def test_refuses_a_failure_reply_that_is_empty_or_too_long(self, text: str) -> None:
        assert "1 to 1024" in str(declining(agent_edits.set_failure_reply("desk", text)))


class TestBackend:
    def test_sets_and_clears_each_backend_without_touching_the_other(self) -> None:
        changed = agent_edits.set_backend("desk", ECHO, second=True)(answered())
        assert (changed.agents[0].backend, changed.agents[0].second_backend) == (HTTP, ECHO)
        first = agent_edits.set_backend("desk", None, second=True)(changed)
        assert (first.agents[0].backend, first.agents[0].second_backend) == (HTTP, None)
        assert agent_edits.set_backend("desk", None)(first).agents[0].backend is None

    def test_changes_the_current_backend(self) -> None:
        edit = agent_edits.change_backend("desk", lambda backend: backend and replace(backend, timeout_seconds=5))
        assert edit(answered()).agents[0].backend == replace(HTTP, timeout_seconds=5)

    def test_keeps_sessions_and_failure_reply(self) -> None:
        before = fakes.managed_tenant()
        after = agent_edits.set_backend("desk", ECHO)(before)
        assert after.agents == (replace(before.agents[0], backend=ECHO),)

    def test_refuses_a_second_backend_without_a_first_one(self) -> None:
        assert "needs a first" in str(declining(agent_edits.set_backend("desk", ECHO, second=True)))
        assert "needs a first" in str(declining(agent_edits.set_backend("desk", None), answered(second=ECHO)))

    def test_declines_what_the_change_declines(self) -> None:
        def change(_: BackendSettings | None) -> BackendSettings:
            message = "not this one"
            raise CommandDeclined(message)

        assert str(declining(agent_edits.change_backend("desk", change))) == "not this one"

    def test_refuses_a_backend_for_an_agent_that_does_not_exist(self) -> None:
        assert isinstance(declining(agent_edits.set_backend("nobody", ECHO)), NotFound)


class TestSigningSecret:
    def test_adds_the_new_secret_first_and_drops_the_old_one(self) -> None:
        added = agent_edits.add_signing_secret("desk", NEW)(answered())
        assert agent_edits.backend_of(added.agents[0]) == replace(HTTP, secrets=(NEW, OLD))
        dropped = agent_edits.drop_signing_secret("desk", OLD[-4:])(added)
        assert agent_edits.backend_of(dropped.agents[0]) == replace(HTTP, secrets=(NEW,))

    def test_changes_the_second_backends_secrets_only_on_demand(self) -> None:
        [changed] = agent_edits.add_signing_secret("desk", NEW, second=True)(answered(second=HTTP)).agents
        assert (changed.backend, changed.second_backend) == (HTTP, replace(HTTP, secrets=(NEW, OLD)))

    def test_adding_a_secret_twice_is_no_different_from_once(self) -> None:
        assert agent_edits.add_signing_secret("desk", OLD)(answered()) == answered()

    def test_a_backend_that_has_lost_its_secrets_gets_a_new_one(self) -> None:
        lost = answered(replace(HTTP, secrets=()))
        assert agent_edits.add_signing_secret("desk", NEW)(lost) == answered(replace(HTTP, secrets=(NEW,)))

    def test_refuses_to_drop_the_only_secret(self) -> None:
        refusal = str(declining(agent_edits.drop_signing_secret("desk", OLD[-4:]), answered()))
        assert "sms backend rotate-secret 'desk'" in refusal

    @pytest.mark.parametrize("ending", ["", "zzzz", OLD[-3:], OLD[-5:], OLD])
    def test_refuses_to_drop_a_secret_that_does_not_exist(self, ending: str) -> None:
        refusal = declining(agent_edits.drop_signing_secret("desk", ending), answered())
        assert isinstance(refusal, NotFound)
        assert OLD[-4:] not in str(refusal)

    def test_refuses_to_guess_which_of_two_secrets_to_drop(self) -> None:
        twins = answered(replace(HTTP, secrets=("one-abcd", "two-abcd")))
        assert "not clear" in str(declining(agent_edits.drop_signing_secret("desk", "abcd"), twins))

    @pytest.mark.parametrize("backend", [None, ECHO], ids=["none", "echo"])
    @pytest.mark.parametrize(
        "edit",
        [agent_edits.add_signing_secret("desk", NEW), agent_edits.drop_signing_secret("desk", OLD[-4:])],
        ids=["add", "drop"],
    )
    def test_refuses_a_backend_whose_requests_are_not_signed(self, edit: Edit, backend: BackendSettings | None) -> None:
        assert "no backend whose requests are signed" in str(declining(edit, answered(backend)))

    def test_refuses_the_second_backends_secrets_when_there_is_only_a_first_backend(self) -> None:
        refusal = str(declining(agent_edits.add_signing_secret("desk", NEW, second=True), answered()))
        assert "no second backend" in refusal
        assert NEW[-4:] not in refusal
