"""`sms twilio`: Twilio accounts, the auth tokens that may sign their texts, and their REST keys."""

from typing import Annotated

import typer

from cli.context import Invocation
from cli.secret_lines import SecretLine
from operations.tenants.records import describe_account
from operations.twilio import account_settings
from operations.twilio.account_settings import check_auth_token, check_rest_secret
from shared.providers.twilio import NAME

_AUTH_TOKEN = SecretLine("auth token", check_auth_token)
_REST_KEY_SECRET = SecretLine("REST key's secret", check_rest_secret)

app = typer.Typer(help="Twilio accounts and their secrets.", no_args_is_help=True)


@app.command("set-account")
def set_account(  # noqa: PLR0913, PLR0917 - the options of the command
    ctx: typer.Context,
    sid: Annotated[str, typer.Argument(metavar="AC…", help="The SID of the account that owns the number.")],
    add_token: Annotated[
        bool, typer.Option("--add-token", help="Add an auth token; the others may sign as before.")
    ] = False,
    drop_token: Annotated[
        str | None, typer.Option(metavar="LAST4", help="Drop the auth token with these last four characters.")
    ] = None,
    rest_key: Annotated[
        str | None,
        typer.Option(metavar="SK…", help="The SID of a REST API key, to send with instead of the auth token."),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(
            metavar="REGION",
            help="Twilio's region that its messages are sent from: us1, ie1 or au1. Each has auth tokens and REST keys "
            "of its own.",
        ),
    ] = None,
) -> None:
    """Set an account's auth token, add or drop one, or set its REST key or its region.

    Secrets are asked for, or read from standard input, a line each and nothing else: first the auth token, if the
    account is new or with --add-token; then the REST key's secret, with --rest-key. Nothing is stored that Twilio does
    not accept for the account, or of which it accepts nothing in the region.
    """
    run: Invocation = ctx.obj.changing()
    planned = account_settings.plan(
        run, sid, add_token=add_token, drop_token=drop_token, rest_key=rest_key, region=region
    )
    administration = run.editing()
    lines = [_AUTH_TOKEN] if planned.needs_token else []
    secrets = run.secrets(*lines, *([_REST_KEY_SECRET] if planned.rest_key else []))
    account = account_settings.carry_out(
        run,
        administration,
        planned,
        token=secrets.pop(0) if planned.needs_token else None,
        rest_secret=secrets.pop(0) if planned.rest_key else None,
    )
    run.output.record(describe_account(account))


@app.command("show-accounts")
def show_accounts(ctx: typer.Context) -> None:
    """List the accounts; of their auth tokens only the last four characters."""
    run: Invocation = ctx.obj
    accounts = [describe_account(account) for account in run.read().accounts if account.provider == NAME]
    run.output.records(accounts, none="There is no account yet; add it with: sms twilio set-account")
