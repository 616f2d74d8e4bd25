"""`sms text`: texts a number on the local stack as a person does, and shows the replies."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import httpx
import typer

from cli.context import Invocation, Twin
from operations.numbers import typed_address
from shared.errors import CommandDeclined

_LOOK_EVERY_SECONDS = 0.2
_QUIET_SECONDS = 1.0
"""When no further reply comes for this long, the replies are complete."""

app = typer.Typer()


@app.command()
def text(
    ctx: typer.Context,
    body: Annotated[str, typer.Argument(metavar="TEXT", help="What the person writes.")],
    *,
    sender: Annotated[
        str, typer.Option("--from", metavar="NUMBER", help="The person's phone number or other address.")
    ],
    to: Annotated[str, typer.Option(metavar="NUMBER", help="Your number, which gets the text.")],
    wait: Annotated[float, typer.Option(metavar="SECONDS", min=0, max=600, help="How long to wait for a reply.")] = 5,
) -> None:
    """Text one of your numbers on the local stack, as a person does, and show the replies.

    The twin of Twilio must know the number: `sms setup --local` adds it.
    """
    run: Invocation = ctx.obj
    run.output.hints.local = True  # it is on the local stack, also without --local
    person, ours = typed_address.read(sender), typed_address.read_ours(to)
    with reporting_twin_errors():
        phones = run.world.phones()
        before = len(phones.screen(person))
        delivery = phones.text(sender=person, to=ours, body=body)
        messages = _replies(run, phones, person, before, wait) if delivery["outcome"] == "delivered" else []
    attempts = [attempt["error"] or attempt["status"] for attempt in delivery["attempts"]]
    sent = {"message_sid": delivery["message_sid"], "outcome": delivery["outcome"], "webhook_answers": attempts}
    replies = [{name: reply[name] for name in ("from", "body", "media", "status", "error_code")} for reply in messages]
    if run.output.as_json:
        run.output.record({**sent, "replies": replies})
        return
    run.output.record(sent)
    for reply in replies:
        run.output.line({"from": reply["from"], "body": reply["body"], "status": reply["status"]})
    if not replies:
        run.output.note(f"No reply within {wait:g} seconds; see: ./sms why {person}")


@contextmanager
def reporting_twin_errors() -> Iterator[None]:
    """Turns failures of the twin into CommandDeclined."""
    try:
        yield
    except httpx.HTTPStatusError as error:
        message = f"the twin of Twilio declines: {_reason(error.response)}"
        raise CommandDeclined(message) from error
    except httpx.TransportError as error:
        message = "the twin of Twilio does not answer; run: ./sms local up"
        raise CommandDeclined(message) from error


def _replies(run: Invocation, phones: Twin, person: str, before: int, wait: float) -> list[dict[str, Any]]:
    """The messages after the first `before` ones, once no more come or the time is over."""
    arrived, quiet_seconds = 0, 0.0
    for _ in range(round(wait / _LOOK_EVERY_SECONDS)):
        run.world.sleep(_LOOK_EVERY_SECONDS)
        count = len(phones.screen(person)) - before
        quiet_seconds = quiet_seconds + _LOOK_EVERY_SECONDS if count == arrived else 0.0
        arrived = count
        if arrived and quiet_seconds >= _QUIET_SECONDS:
            break
    return phones.screen(person)[before:]


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["error"])
    except (ValueError, LookupError, TypeError):
        return f"HTTP status {answer.status_code}"
