"""`sms twilio`: Twilio accounts, the auth tokens that may sign their texts, and their REST keys."""

import re
from typing import Annotated

import typer

from cli.invocation import Invocation
from cli.output import Record
from shared import edits
from shared.errors import Declined, InvalidValue
from shared.providers.twilio import Twilio
from shared.tenant import Account, RestKey

app = typer.Typer(help="Twilio accounts and their secrets.", no_args_is_help=True)


@app.command("set-account")
def set_account(
    ctx: typer.Context,
    sid: Annotated[str, typer.Argument(metavar="AC…", help="The SID of the account that owns the number.")],
    add_token: Annotated[bool, typer.Option("--add-token", help="Let a second auth token sign, too.")] = False,
    drop_token: Annotated[
        str | None, typer.Option(metavar="LAST4", help="Let the auth token with these last characters sign no longer.")
    ] = None,
    rest_key: Annotated[
        str | None,
        typer.Option(metavar="SK…", help="The SID of a REST API key, to send with instead of the auth token."),
    ] = None,
) -> None:
    """Set an account's auth token, add or drop one, or set its REST key.

    The secrets are asked for, or read from standard input, one a line: the auth token, then the REST key's secret.
    """
    run: Invocation = ctx.obj
    check_account_sid(sid)
    if rest_key is not None:
        _check_sid(rest_key, "SK", "a REST key's SID")
    known = run.read().account(sid) is not None
    if known and not add_token and drop_token is None and rest_key is None:
        message = f"account {sid} is set already; say what to change: --add-token, --drop-token or --rest-key"
        raise Declined(message)
    writing = run.writing()
    token = run.secret("auth token") if add_token or not (known or drop_token) else None
    key = RestKey(rest_key, run.secret("REST key's secret")) if rest_key else None
    if token and not (known or drop_token):
        edit = edits.add_account(Account(sid, Twilio.name, (token,), key))
    else:
        edit = edits.update_account(sid, add_token=token, drop_token=drop_token, rest_key=key)
    changed = writing.change(run.tenant_id, edit)
    run.output.record(describe(edits.account_named(changed, sid)))


@app.command("show-accounts")
def show_accounts(ctx: typer.Context) -> None:
    """List the accounts; of their auth tokens only the last four characters."""
    run: Invocation = ctx.obj
    accounts = [describe(account) for account in run.read().accounts if account.provider == Twilio.name]
    run.output.records(accounts, none="There is no account yet; add it with: sms twilio set-account")


def check_account_sid(sid: str) -> str:
    """Gives the SID back (Twilio docs, "What is a String Identifier (SID)?"). Raises InvalidValue."""
    return _check_sid(sid, "AC", "a Twilio account's SID")


def describe(account: Account) -> Record:
    """An account for the operator."""
    return {
        "sid": account.sid,
        "tokens": len(account.auth_tokens),
        "tokens_last_four": [edits.last_four(token) for token in account.auth_tokens],
        "rest_key": account.rest_key and account.rest_key.sid,
    }


def _check_sid(sid: str, prefix: str, what: str) -> str:
    if not re.fullmatch(rf"{prefix}[0-9a-f]{{32}}", sid):
        message = f"{what} is {prefix} and 32 hexadecimal digits; copy it from Twilio's console"
        raise InvalidValue(message)
    return sid
