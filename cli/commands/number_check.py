"""`sms number check`: whether what the provider has for the numbers is what it should be; for people and for cron."""

from typing import Annotated

import typer

from cli.commands.number import Country
from cli.context import FOUND_WRONG, Invocation
from cli.output import Record
from operations.numbers import checking
from operations.numbers.checking import CheckedNumber
from operations.numbers.phone_number import normalise

app = typer.Typer()


@app.command()
def check(
    ctx: typer.Context,
    number: Annotated[
        str | None, typer.Argument(metavar="[NUMBER]", help="As people type it; not given, all numbers are checked.")
    ] = None,
    country: Country = "US",
) -> None:
    """Compare what Twilio has for your numbers with what should be; exit code 3 when something differs.

    It changes nothing. It names a webhook that somebody changed, a key that is revoked or unknown, a TwiML application
    or a Messaging Service that takes the texts, and numbers that are gone, never connected or without an agent.
    """
    run: Invocation = ctx.obj
    checked_numbers = checking.check(run, None if number is None else normalise(number, country))
    if run.output.as_json:
        records = [checked.describe() for checked in checked_numbers]
    else:
        records = [row for checked in checked_numbers for row in _rows(checked)]
    run.output.records(records, none="There is no number yet; connect one with: sms number connect")
    if any(checked.differences for checked in checked_numbers):
        run.output.note("To put a number right, see what would change: sms number connect NUMBER")
        raise typer.Exit(FOUND_WRONG)


def _rows(checked: CheckedNumber) -> list[Record]:
    number: Record = {"number": checked.number, "agent": checked.agent}
    if not checked.differences:
        return [{**number, "what": "ok", "is": "", "should_be": ""}]
    return [
        {**number, "what": difference.what, "is": difference.current, "should_be": difference.desired}
        for difference in checked.differences
    ]
