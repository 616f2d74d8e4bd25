"""`sms twilio rotate-token`: replaces an auth token while no text is refused and no reply is lost."""

from typing import Annotated

import typer

from cli.context import Invocation
from operations import durations
from operations.numbers.owned_numbers import describe_plan
from operations.rotation import token_rotation
from operations.tenants.records import describe_account

app = typer.Typer()


@app.command("rotate-token")
def rotate_token(
    ctx: typer.Context,
    sid: Annotated[str, typer.Argument(metavar="AC…", help="The SID of the account or subaccount.")],
    quiet: Annotated[
        str,
        typer.Option(
            metavar="AGE",
            help="How long to wait before the new token is promoted, and again before the old one is dropped. It must "
            "be longer than the parameter tenantCacheSeconds.",
        ),
    ] = "2m",
) -> None:
    """Replace an account's auth token with a new one. At no moment is a text refused.

    Makes a secondary token at Twilio, and stores it beside the old one. Sends a probe to each stage, to see that it is
    accepted; no backend receives the probe. Promotes the token at Twilio, and drops the old one if nothing was refused
    meanwhile.

    Whatever interrupts it, the same command goes on from there. It takes some minutes.
    """
    run: Invocation = ctx.obj.changing()
    planned = token_rotation.plan(run, sid, pause=durations.read(quiet))
    run.output.plan(describe_plan(planned.changes))
    administration = run.editing()
    run.confirm("Rotate the auth token like this?")
    account = token_rotation.carry_out(run, administration, planned)
    run.output.record({"rotated": True, **describe_account(account)})
