"""Each edit: what it changes, and above all what it declines."""

from typing import Any

import pytest

from shared import administration, tenant_document
from shared.administration import Edit
from shared.agent import Agent, AgentKind
from shared.errors import Conflict, NotFound
from shared.tenant import Account, RestKey, Role
from tests import fakes
from tests.fakes import ACCOUNT, OUR_NUMBER, SECOND_TOKEN, STRANGER, SUBACCOUNT, SUBACCOUNT_TOKEN, TOKEN
from tests.unit.administration_fakes import agent, declining

OTHER_NUMBER = "+12025550188"
NEW_TOKEN = "t0ken" + "n" * 27


class TestCredential:
    def test_adds_and_revokes_a_credential(self) -> None:
        member, _ = fakes.credential(name="twilio")
        added = administration.add_credential(member)(fakes.tenant())
        assert added.credentials == (member,)
        assert administration.revoke_credential("twilio")(added).credentials == ()

    def test_revokes_no_other_credential(self) -> None:
        one, two = fakes.credential(name="one")[0], fakes.credential(name="two")[0]
        assert administration.revoke_credential("one")(fakes.tenant(one, two)).credentials == (two,)

    def test_refuses_a_credential_for_a_role_that_is_not_active(self) -> None:
        member, _ = fakes.credential(Role.MANAGER)
        refusal = str(
            declining(administration.add_credential(member), fakes.tenant(roles_active=(Role.READER, Role.WRITER)))
        )
        assert "active roles, which are Reader, Writer;" in refusal
        assert "someone who may write this tenant's document can activate Manager" in refusal
        assert refusal.endswith("sms tenant update --roles Reader,Writer,Manager")

    def test_refuses_a_name_that_another_credential_has(self) -> None:
        taken, _ = fakes.credential(name="twilio")
        new, _ = fakes.credential(name="twilio")
        assert "'twilio' exists already" in str(declining(administration.add_credential(new), fakes.tenant(taken)))

    def test_refuses_to_revoke_what_does_not_exist(self) -> None:
        assert isinstance(declining(administration.revoke_credential("nobody")), NotFound)

    def test_keeps_no_key(self) -> None:
        member, key = fakes.credential()
        document = tenant_document.dumps(administration.add_credential(member)(fakes.tenant()))
        assert key not in document
        assert key[-12:] not in document


class TestAgent:
    def test_changes_an_agent_and_keeps_its_numbers(self) -> None:
        edit = administration.update_agent("desk", new_name="front", kind=AgentKind.VOICE_AND_SMS, region="south")
        assert edit(fakes.tenant()).agents == (Agent("front", AgentKind.VOICE_AND_SMS, "south", (OUR_NUMBER,)),)

    def test_changes_nothing_that_it_was_not_told(self) -> None:
        assert administration.update_agent("desk")(fakes.tenant()) == fakes.tenant()

    def test_keeps_the_order_of_agents(self) -> None:
        before = fakes.tenant(agents=(agent("one"), agent("two"), agent("three")))
        after = administration.update_agent("two", region="south")(before)
        assert [a.name for a in after.agents] == ["one", "two", "three"]

    def test_deletes_only_the_agent_that_is_named(self) -> None:
        before = fakes.tenant(agents=(agent("one"), agent("two")))
        assert administration.delete_agent("one")(before).agents == (agent("two"),)

    @pytest.mark.parametrize("name", ["", " desk", "x" * 65, "front\ndesk", "desk\x1b[31m"])
    def test_refuses_a_new_name_that_breaks_the_rule(self, name: str) -> None:
        assert "1 to 64" in str(declining(administration.update_agent("desk", new_name=name)))

    def test_refuses_a_name_that_another_agent_has(self) -> None:
        two = fakes.tenant(agents=(agent("one"), agent("two")))
        assert "'one' exists already" in str(declining(administration.add_agent(agent("one")), two))
        assert "'one' exists already" in str(declining(administration.update_agent("two", new_name="one"), two))

    @pytest.mark.parametrize(
        "edit", [administration.update_agent("nobody"), administration.delete_agent("nobody")], ids=["update", "delete"]
    )
    def test_refuses_to_change_an_agent_that_does_not_exist(self, edit: Edit) -> None:
        assert isinstance(declining(edit), NotFound)
        assert isinstance(declining(edit, fakes.tenant(agents=())), NotFound)

    def test_refuses_to_make_an_agent_with_numbers_one_for_voice(self) -> None:
        assert "release them first" in str(declining(administration.update_agent("desk", kind=AgentKind.VOICE)))

    def test_refuses_an_unknown_region(self) -> None:
        assert "east, south" in str(declining(administration.update_agent("desk", region="west")))


class TestNumber:
    def test_assigns_a_number_and_takes_it_back(self) -> None:
        assigned = administration.assign_number(OTHER_NUMBER, "desk")(fakes.tenant())
        assert assigned.agents[0].numbers == (OUR_NUMBER, OTHER_NUMBER)
        assert administration.release_number(OUR_NUMBER)(assigned).agents[0].numbers == (OTHER_NUMBER,)

    def test_assigning_a_number_twice_is_no_different_from_once(self) -> None:
        assert administration.assign_number(OUR_NUMBER, "desk")(fakes.tenant()) == fakes.tenant()

    def test_refuses_a_number_that_another_agent_holds_and_names_the_agent_only(self) -> None:
        two = fakes.tenant(agents=(agent("one", OUR_NUMBER), agent("two")))
        refusal = declining(administration.assign_number(OUR_NUMBER, "two"), two)
        assert isinstance(refusal, Conflict)
        assert "'one'" in str(refusal)
        assert OUR_NUMBER not in str(refusal)

    def test_refuses_a_number_for_an_agent_that_takes_no_texts(self) -> None:
        voice = fakes.tenant(agents=(agent("phone", kind=AgentKind.VOICE),))
        assert "takes no texts" in str(declining(administration.assign_number(OUR_NUMBER, "phone"), voice))

    def test_refuses_a_number_for_an_agent_that_does_not_exist(self) -> None:
        assert isinstance(declining(administration.assign_number(OTHER_NUMBER, "nobody")), NotFound)

    @pytest.mark.parametrize("number", ["", "2025550188", "+02025550188", "+1202555O188", "+1 202 555 0188"])
    def test_refuses_a_number_that_is_not_in_e164_form(self, number: str) -> None:
        refusal = declining(administration.assign_number(number, "desk"))
        assert "E.164" in str(refusal)

    def test_refuses_to_release_a_number_that_no_agent_holds(self) -> None:
        refusal = declining(administration.release_number(OTHER_NUMBER))
        assert isinstance(refusal, NotFound)
        assert OTHER_NUMBER not in str(refusal)


class TestAccount:
    def tokens(self, **changes: Any) -> tuple[str, ...]:  # noqa: ANN401 - the edit's keywords
        return administration.update_account(ACCOUNT, **changes)(fakes.tenant()).accounts[0].auth_tokens

    def test_adds_an_account(self) -> None:
        new = Account(STRANGER, "twilio", (NEW_TOKEN,))
        assert administration.add_account(new)(fakes.tenant()).account(STRANGER) == new

    def test_adds_and_drops_tokens_in_their_order(self) -> None:
        assert self.tokens(add_token=NEW_TOKEN) == (TOKEN, SECOND_TOKEN, NEW_TOKEN)
        assert self.tokens(drop_token=TOKEN[-4:]) == (SECOND_TOKEN,)

    def test_swaps_the_only_token_in_one_step(self) -> None:
        edit = administration.update_account(SUBACCOUNT, add_token=NEW_TOKEN, drop_token=SUBACCOUNT_TOKEN[-4:])
        assert edit(fakes.tenant()).accounts[1].auth_tokens == (NEW_TOKEN,)

    def test_drops_the_old_token_and_not_a_new_one_that_ends_like_it(self) -> None:
        lookalike = "another" + SUBACCOUNT_TOKEN[-4:]
        edit = administration.update_account(SUBACCOUNT, add_token=lookalike, drop_token=lookalike[-4:])
        assert edit(fakes.tenant()).accounts[1].auth_tokens == (lookalike,)

    def test_sets_a_rest_key_and_leaves_the_tokens(self) -> None:
        key = RestKey("SK" + "5" * 32, "another")
        account = administration.update_account(ACCOUNT, rest_key=key)(fakes.tenant()).accounts[0]
        assert (account.rest_key, account.auth_tokens) == (key, (TOKEN, SECOND_TOKEN))

    def test_keeps_the_rest_key_when_a_token_changes(self) -> None:
        account = administration.update_account(ACCOUNT, add_token=NEW_TOKEN)(fakes.tenant()).accounts[0]
        assert account.rest_key == fakes.tenant().accounts[0].rest_key

    def test_leaves_the_other_accounts_alone(self) -> None:
        after = administration.update_account(ACCOUNT, drop_token=TOKEN[-4:])(fakes.tenant())
        assert after.accounts[1] == fakes.tenant().accounts[1]

    def test_refuses_to_drop_the_only_token(self) -> None:
        refusal = declining(administration.update_account(SUBACCOUNT, drop_token=SUBACCOUNT_TOKEN[-4:]))
        assert "the only auth token" in str(refusal)

    def test_refuses_to_drop_a_token_that_is_not_there(self) -> None:
        assert isinstance(declining(administration.update_account(ACCOUNT, drop_token="zzzz")), NotFound)

    @pytest.mark.parametrize("ending", ["", "a", TOKEN[-3:], TOKEN[-5:], TOKEN])
    def test_refuses_to_drop_a_token_by_more_or_less_than_four_characters(self, ending: str) -> None:
        assert isinstance(declining(administration.update_account(ACCOUNT, drop_token=ending)), NotFound)

    def test_refuses_to_guess_which_of_two_tokens_to_drop(self) -> None:
        twins = fakes.tenant(accounts=(Account(ACCOUNT, "twilio", ("one-abcd", "two-abcd")),))
        assert "not clear" in str(declining(administration.update_account(ACCOUNT, drop_token="abcd"), twins))

    def test_refuses_a_token_that_is_there_already(self) -> None:
        assert isinstance(declining(administration.update_account(ACCOUNT, add_token=TOKEN)), Conflict)

    def test_refuses_to_set_an_account_twice(self) -> None:
        again = administration.add_account(Account(ACCOUNT, "twilio", (NEW_TOKEN,)))
        assert "exists already" in str(declining(again))

    def test_refuses_to_change_an_account_that_does_not_exist(self) -> None:
        assert isinstance(declining(administration.update_account(STRANGER, add_token=NEW_TOKEN)), NotFound)

    @pytest.mark.parametrize(
        "edit",
        [
            administration.update_account(ACCOUNT, add_token=TOKEN),
            administration.update_account(ACCOUNT, drop_token=TOKEN),
            administration.update_account(SUBACCOUNT, drop_token=SUBACCOUNT_TOKEN[-4:]),
            administration.update_account(STRANGER, add_token=NEW_TOKEN),
            administration.add_account(Account(ACCOUNT, "twilio", (NEW_TOKEN,))),
        ],
    )
    def test_names_no_secret_when_it_declines(self, edit: Edit) -> None:
        refusal = repr(declining(edit))
        assert not [token for token in (TOKEN, SECOND_TOKEN, SUBACCOUNT_TOKEN, NEW_TOKEN) if token[-4:] in refusal]
