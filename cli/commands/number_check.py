"""`sms number check`: whether what the provider has for the numbers is what it should be; for people and for cron."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from cli.context import FOUND_WRONG, Invocation
from cli.options.numbers import Country
from cli.output import Record
from operations.numbers import checking
from operations.numbers.checking import CheckedNumber
from operations.numbers.phone_number import normalise

app = typer.Typer()

_MANY = 100
"""With more numbers, people see only those that differ."""


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
    or a Messaging Service that takes the texts, and numbers that are gone, never connected or without an agent. Of more
    than a hundred numbers it shows only those that differ; with --json all.
    """
    run: Invocation = ctx.obj
    correct = wrong = 0

    def records() -> Iterator[Sequence[Record]]:
        nonlocal correct, wrong
        for page in checking.check(run, None if number is None else normalise(number, country)):
            differing = [checked for checked in page if checked.differences]
            correct, wrong = correct + len(page) - len(differing), wrong + len(differing)
            if run.output.as_json:
                yield [checked.describe() for checked in page]
            else:
                yield [row for checked in (differing if len(page) > _MANY else page) for row in _rows(checked)]

    run.output.pages(records())
    if not correct and not wrong:
        run.output.note("There is no number yet; connect one with: sms number connect")
    if correct > _MANY:
        run.output.note(f"Numbers that are as they should be: {correct}.")
    if wrong:
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
