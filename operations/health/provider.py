"""Twilio's side: the accounts, and whether Twilio knows the secrets that are stored of them.

Which of an account's tokens signs, Twilio does not tell.
"""

from collections.abc import Iterator

from operations.health.finding import Finding, Patient, good, warning, wrong
from operations.ports import ProviderAccounts
from operations.tenants.edits import last_four
from operations.twilio.accounts import AccountState
from shared.providers.twilio.webhook import Twilio
from shared.tenants.tenant import Account


def accounts(patient: Patient) -> Iterator[Finding]:
    """Each account is active and no trial, and Twilio accepts all that is stored of it."""
    own = [one for one in (patient.tenant.accounts if patient.tenant else ()) if one.provider == Twilio.name]
    if not own:
        yield warning("account", "there is none yet", "./sms twilio set-account AC…")
    twilio = patient.operator.world.accounts(patient.operator.target.twilio_url)
    for account in own:
        yield from _account(twilio, account)


def _account(twilio: ProviderAccounts, account: Account) -> Iterator[Finding]:
    state = None
    for token in account.auth_tokens:
        told = twilio.state(account.sid, token)
        state = state or told
        which = f"…{last_four(token)} of {account.sid}"
        if told is None:
            do = (
                f"Twilio signs with another one, so texts are refused. Add it: ./sms twilio set-account {account.sid} "
                f"--add-token; then drop this one: --drop-token {last_four(token)}"
            )
            yield wrong("auth token", f"Twilio does not know {which}", do)
        else:
            yield good("auth token", f"Twilio knows {which}")
    if account.rest_key:
        if twilio.opens(account.sid, account.rest_key):
            yield good("REST key", f"Twilio accepts {account.rest_key.sid}")
        else:
            do = f"nothing can be sent. Make another: ./sms twilio set-account {account.sid} --rest-key SK…"
            yield wrong("REST key", f"Twilio does not accept {account.rest_key.sid}", do)
    if state:
        yield _state(account, state)


def _state(account: Account, state: AccountState) -> Finding:
    if state.status != "active":
        do = "Twilio takes and delivers nothing for it: see the account in Twilio's console"
        return wrong("account", f"{account.sid} is {state.status}", do)
    if state.type == "Trial":
        do = "it texts verified numbers only, with a sentence of Twilio's before each text: upgrade it for real use"
        return warning("account", f"{account.sid} is a trial account", do)
    return good("account", f"{account.sid} is active")
