"""Each edit: what it changes, and above all what it declines."""

from typing import Any

import pytest

from operations.tenants import edits
from operations.tenants.edits import Edit
from shared.errors import Conflict, NotFound
from shared.tenants import secret_documents
from shared.tenants.account import Account, RestKey
from shared.tenants.tenant import Role
from tests import fakes
from tests.fakes import ACCOUNT, SECOND_TOKEN, STRANGER, SUBACCOUNT, SUBACCOUNT_TOKEN, TOKEN
from tests.unit.operations.tenants.fakes import declining

NEW_TOKEN = "t0ken" + "n" * 27


class TestCredential:
    def test_adds_and_revokes_a_credential(self) -> None:
        member, _ = fakes.credential(name="twilio")
        added = edits.add_credential(member)(fakes.managed_tenant())
        assert added.credentials == (member,)
        assert edits.revoke_credential("twilio")(added).credentials == ()

    def test_revokes_no_other_credential(self) -> None:
        one, two = fakes.credential(name="one")[0], fakes.credential(name="two")[0]
        assert edits.revoke_credential("one")(fakes.managed_tenant(one, two)).credentials == (two,)

    def test_refuses_a_credential_for_a_role_that_is_not_active(self) -> None:
        member, _ = fakes.credential(Role.MANAGER)
        refusal = str(
            declining(edits.add_credential(member), fakes.managed_tenant(roles_active=(Role.READER, Role.WRITER)))
        )
        assert "active roles, which are Reader, Writer;" in refusal
        assert "to activate Manager as well: " in refusal
        assert refusal.endswith("sms tenant update --roles Reader,Writer,Manager")

    def test_refuses_a_name_that_another_credential_has(self) -> None:
        taken, _ = fakes.credential(name="twilio")
        new, _ = fakes.credential(name="twilio")
        assert "'twilio' exists already" in str(declining(edits.add_credential(new), fakes.managed_tenant(taken)))

    def test_refuses_to_revoke_what_does_not_exist(self) -> None:
        assert isinstance(declining(edits.revoke_credential("nobody")), NotFound)

    def test_keeps_no_key(self) -> None:
        member, key = fakes.credential()
        document = secret_documents.dump_access(edits.add_credential(member)(fakes.managed_tenant()))
        assert key not in document
        assert key[-12:] not in document


class TestAccount:
    def tokens(self, **changes: Any) -> tuple[str, ...]:  # noqa: ANN401 - the edit's keywords
        return edits.update_account(ACCOUNT, **changes)(fakes.managed_tenant()).accounts[0].auth_tokens

    def test_adds_an_account(self) -> None:
        new = Account(STRANGER, "twilio", (NEW_TOKEN,))
        assert edits.add_account(new)(fakes.managed_tenant()).account(STRANGER) == new

    def test_adds_and_drops_tokens_in_their_order(self) -> None:
        assert self.tokens(add_token=NEW_TOKEN) == (TOKEN, SECOND_TOKEN, NEW_TOKEN)
        assert self.tokens(drop_token=TOKEN[-4:]) == (SECOND_TOKEN,)

    def test_swaps_the_only_token_in_one_step(self) -> None:
        edit = edits.update_account(SUBACCOUNT, add_token=NEW_TOKEN, drop_token=SUBACCOUNT_TOKEN[-4:])
        assert edit(fakes.managed_tenant()).accounts[1].auth_tokens == (NEW_TOKEN,)

    def test_drops_the_old_token_and_not_a_new_one_that_ends_like_it(self) -> None:
        lookalike = "another" + SUBACCOUNT_TOKEN[-4:]
        edit = edits.update_account(SUBACCOUNT, add_token=lookalike, drop_token=lookalike[-4:])
        assert edit(fakes.managed_tenant()).accounts[1].auth_tokens == (lookalike,)

    def test_sets_a_rest_key_and_leaves_the_tokens(self) -> None:
        key = RestKey("SK" + "5" * 32, "another")
        account = edits.update_account(ACCOUNT, rest_key=key)(fakes.managed_tenant()).accounts[0]
        assert (account.rest_key, account.auth_tokens) == (key, (TOKEN, SECOND_TOKEN))

    def test_keeps_the_rest_key_when_a_token_changes(self) -> None:
        account = edits.update_account(ACCOUNT, add_token=NEW_TOKEN)(fakes.managed_tenant()).accounts[0]
        assert account.rest_key == fakes.managed_tenant().accounts[0].rest_key

    def test_leaves_the_other_accounts_alone(self) -> None:
        after = edits.update_account(ACCOUNT, drop_token=TOKEN[-4:])(fakes.managed_tenant())
        assert after.accounts[1] == fakes.managed_tenant().accounts[1]

    def test_refuses_to_drop_the_only_token(self) -> None:
        refusal = declining(edits.update_account(SUBACCOUNT, drop_token=SUBACCOUNT_TOKEN[-4:]))
        assert "the only auth token" in str(refusal)

    def test_refuses_to_drop_a_token_that_does_not_exist(self) -> None:
        assert isinstance(declining(edits.update_account(ACCOUNT, drop_token="zzzz")), NotFound)

    @pytest.mark.parametrize("ending", ["", "a", TOKEN[-3:], TOKEN[-5:], TOKEN])
    def test_refuses_to_drop_a_token_by_more_or_less_than_four_characters(self, ending: str) -> None:
        assert isinstance(declining(edits.update_account(ACCOUNT, drop_token=ending)), NotFound)

    def test_refuses_to_guess_which_of_two_tokens_to_drop(self) -> None:
        twins = fakes.managed_tenant(accounts=(Account(ACCOUNT, "twilio", ("one-abcd", "two-abcd")),))
        assert "not clear" in str(declining(edits.update_account(ACCOUNT, drop_token="abcd"), twins))

    def test_refuses_a_token_that_the_account_has_already(self) -> None:
        assert isinstance(declining(edits.update_account(ACCOUNT, add_token=TOKEN)), Conflict)

    def test_refuses_to_set_an_account_twice(self) -> None:
        again = edits.add_account(Account(ACCOUNT, "twilio", (NEW_TOKEN,)))
        assert "exists already" in str(declining(again))

    def test_refuses_to_change_an_account_that_does_not_exist(self) -> None:
        assert isinstance(declining(edits.update_account(STRANGER, add_token=NEW_TOKEN)), NotFound)

    @pytest.mark.parametrize(
        "edit",
        [
            edits.update_account(ACCOUNT, add_token=TOKEN),
            edits.update_account(ACCOUNT, drop_token=TOKEN),
            edits.update_account(SUBACCOUNT, drop_token=SUBACCOUNT_TOKEN[-4:]),
            edits.update_account(STRANGER, add_token=NEW_TOKEN),
            edits.add_account(Account(ACCOUNT, "twilio", (NEW_TOKEN,))),
        ],
    )
    def test_names_no_secret_when_it_declines(self, edit: Edit) -> None:
        refusal = repr(declining(edit))
        assert not [token for token in (TOKEN, SECOND_TOKEN, SUBACCOUNT_TOKEN, NEW_TOKEN) if token[-4:] in refusal]
