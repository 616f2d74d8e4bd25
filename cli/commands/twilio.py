"""`sms twilio`: Twilio accounts, the auth tokens that may sign their texts, and their REST keys."""

import re
from typing import Annotated

import typer

from cli.context import Invocation
from cli.output import Record
from cli.secret_lines import SecretLine
from operations.tenants import edits
from shared.errors import Declined, InvalidValue, Refused, Unavailable
from shared.providers.twilio.webhook import Twilio
from shared.tenants.tenant import Account, RestKey

_AUTH_TOKEN = re.compile(r"[0-9a-f]{32}")
_REST_SECRET = re.compile(r"[0-9a-zA-Z]{32}")
"""The shapes are what Twilio gives out; it documents none. A secret of 32 characters that are all hexadecimal digits by
chance is one in 10^19."""


def check_auth_token(text: str) -> str:
    """Gives the auth token back. Raises InvalidValue, which does not repeat it."""
    if not _AUTH_TOKEN.fullmatch(text):
        message = "an auth token is 32 hexadecimal digits; copy it from Twilio's console"
        raise InvalidValue(message)
    return text


def check_rest_secret(text: str) -> str:
    """Gives a REST key's secret back. Raises InvalidValue, which does not repeat it."""
    if not _REST_SECRET.fullmatch(text):
        message = "a REST key's secret is 32 letters and digits; Twilio shows it once, when the key is made"
        raise InvalidValue(message)
    if _AUTH_TOKEN.fullmatch(text):
        message = "this looks like an auth token, and the REST key's secret is expected, which Twilio shows once"
        raise InvalidValue(message)
    return text


AUTH_TOKEN = SecretLine("auth token", check_auth_token)
_REST_KEY_SECRET = SecretLine("REST key's secret", check_rest_secret)

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

    Secrets are asked for, or read from standard input, a line each and nothing else: first the auth token, if the
    account is new or with --add-token; then the REST key's secret, with --rest-key. Twilio is asked whether it accepts
    the REST key.
    """
    run: Invocation = ctx.obj.changing()
    check_account_sid(sid)
    if rest_key is not None:
        _check_sid(rest_key, "SK", "a REST key's SID")
    known = run.read().account(sid) is not None
    if known and not add_token and drop_token is None and rest_key is None:
        message = f"account {sid} is set already; say what to change: --add-token, --drop-token or --rest-key"
        raise Declined(message)
    writing = run.editing()
    is_new = not (known or drop_token)
    wants_token = add_token or is_new
    wanted = [AUTH_TOKEN] if wants_token else []
    typed = run.secrets(*wanted, *([_REST_KEY_SECRET] if rest_key else []))
    token = typed.pop(0) if wants_token else None
    key = RestKey(rest_key, typed.pop(0)) if rest_key else None
    if key:
        _try_out(run, sid, key)
    if token and is_new:
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


def _try_out(run: Invocation, sid: str, key: RestKey) -> None:
    """Raises Declined when Twilio does not accept the key; warns when it cannot be asked."""
    try:
        accepted = run.world.accounts(run.target.twilio_url).opens(sid, key)
    except (Unavailable, Refused) as error:
        run.output.warning(f"The REST key is not tried out, because: {error}. Try it later: ./sms doctor")
        return
    if not accepted:
        message = f"Twilio does not accept {key.sid} with this secret for account {sid}, so nothing was changed"
        raise Declined(message)


def _check_sid(sid: str, prefix: str, what: str) -> str:
    if not re.fullmatch(rf"{prefix}[0-9a-f]{{32}}", sid):
        message = f"{what} is {prefix} and 32 hexadecimal digits; copy it from Twilio's console"
        raise InvalidValue(message)
    return sid
