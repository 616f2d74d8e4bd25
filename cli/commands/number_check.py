"""`sms number check`: whether what the provider has for the numbers is what it should be; for people and for cron."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from cli.context import FOUND_WRONG, Invocation
from cli.options.numbers import Country
from cli.output import Record
from operations.numbers import checking, typed_address
from operations.numbers.agent_webhook import PLACEHOLDER
from operations.numbers.checking import CheckedNumber

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

    Of a short code and of a sender of WhatsApp, RCS or Messenger it shows the URL to paste, since theirs is not known.
    """
    run: Invocation = ctx.obj
    correct = wrong = unknown = 0

    def records() -> Iterator[Sequence[Record]]:
        nonlocal correct, wrong, unknown
        for page in checking.check(run, None if number is None else typed_address.read(number, country)):
            differing = [checked for checked in page if not checked.ok]
            correct += len(page) - len(differing)
            unknown += sum(checked.ok is None for checked in differing)
            wrong += sum(checked.ok is False for checked in differing)
            if run.output.as_json:
                yield [checked.describe() for checked in page]
            else:
                yield [row for checked in (differing if len(page) > _MANY else page) for row in _rows(checked)]

    run.output.pages(records())
    if not correct and not wrong and not unknown:
        run.output.note("There is no number yet; connect one with: sms number connect")
    if correct > _MANY:
        run.output.note(f"Numbers that are as they should be: {correct}.")
    if unknown:
        run.output.note(
            f"Webhooks that Twilio lets be set by hand only, and so cannot be checked: {unknown}. "
            f"Each has a key from `sms credential create` in the place of {PLACEHOLDER}."
        )
    if wrong:
        run.output.note("To put a number right, see what would change: sms number connect NUMBER")
        raise typer.Exit(FOUND_WRONG)


def _rows(checked: CheckedNumber) -> list[Record]:
    number: Record = {"number": checked.number, "agent": checked.agent}
    if checked.ok:
        return [{**number, "what": "ok", "is": "", "should_be": ""}]
    if checked.by_hand and not checked.differences:
        where, url = checked.by_hand.place, checked.by_hand.url
        return [{**number, "what": "webhook", "is": f"not known; see Twilio's console: {where}", "should_be": url}]
    return [
        {**number, "what": difference.what, "is": difference.current, "should_be": difference.desired}
        for difference in checked.differences
    ]
