"""Checks at Twilio: the accounts, and whether Twilio knows their stored secrets.

Twilio does not tell which of an account's tokens signs.
"""

from collections.abc import Iterator

from operations.health.finding import CheckedStage, Finding, good, warning, wrong
from operations.ports import ProviderAccounts
from operations.tenants.edits import last_four
from operations.twilio.accounts import AccountState
from shared.providers.twilio import NAME
from shared.tenants.account import Account


def accounts(checked: CheckedStage) -> Iterator[Finding]:
    """Each account is active and not a trial, and Twilio accepts all of its stored secrets."""
    stored = checked.tenant.accounts if checked.tenant else ()
    twilio_accounts = [account for account in stored if account.provider == NAME]
    if not twilio_accounts:
        yield warning("account", "there is none yet", "./sms twilio set-account AC…")
    twilio = checked.operator.world.accounts(checked.operator.target.twilio_url)
    for account in twilio_accounts:
        yield from _account(twilio, account)


def _account(twilio: ProviderAccounts, account: Account) -> Iterator[Finding]:
    state = None
    for token in account.auth_tokens:
        state_by_token = twilio.state(account.sid, token, region=account.region)
        state = state or state_by_token
        which = f"…{last_four(token)} of {account.sid}"
        if state_by_token is None:
            do = (
                "Twilio signs with another token, so texts are refused. Add it: "
                f"./sms twilio set-account {account.sid} --add-token; then drop this one: "
                f"--drop-token {last_four(token)}"
            )
            yield wrong("auth token", f"Twilio does not know {which}", do)
        else:
            yield good("auth token", f"Twilio knows {which}")
    if account.rest_key:
        if twilio.opens(account.sid, account.rest_key, region=account.region):
            yield good("REST key", f"Twilio accepts {account.rest_key.sid}")
        else:
            do = f"nothing can be sent. Make another key: ./sms twilio set-account {account.sid} --rest-key SK…"
            yield wrong("REST key", f"Twilio does not accept {account.rest_key.sid}", do)
    if state:
        yield _state(account, state)


def _state(account: Account, state: AccountState) -> Finding:
    if state.status != "active":
        do = "Twilio accepts and delivers nothing for it: see the account in Twilio's console"
        return wrong("account", f"{account.sid} is {state.status}", do)
    if state.type == "Trial":
        do = "it can text verified numbers only, and Twilio puts a sentence before each text: upgrade it for real use"
        return warning("account", f"{account.sid} is a trial account", do)
    return good("account", f"{account.sid} is active")
