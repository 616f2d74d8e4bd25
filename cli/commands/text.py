"""`sms text`: a person's text on the local stack, and what the person's phone shows then."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import httpx
import typer

from cli.context import Invocation, Twin
from operations.numbers.phone_number import normalise
from shared.errors import Declined

_LOOK_EVERY_SECONDS = 0.2
_QUIET_SECONDS = 1.0
"""So long after a reply there is no further one."""

app = typer.Typer()


@app.command()
def text(
    ctx: typer.Context,
    body: Annotated[str, typer.Argument(metavar="TEXT", help="What the person writes.")],
    *,
    sender: Annotated[str, typer.Option("--from", metavar="NUMBER", help="The person's phone number.")],
    to: Annotated[str, typer.Option(metavar="NUMBER", help="The number of yours that is texted.")],
    wait: Annotated[float, typer.Option(metavar="SECONDS", min=0, max=600, help="How long to wait for a reply.")] = 5,
) -> None:
    """Text one of your numbers on the local stack, as a person does, and show the replies.

    The number must be known to the twin of Twilio: `sms setup --local` tells it.
    """
    run: Invocation = ctx.obj
    person, ours = normalise(sender), normalise(to)
    with asking_the_twin():
        phones = run.world.phones()
        before = len(phones.screen(person))
        done = phones.text(sender=person, to=ours, body=body)
        replies = _replies(run, phones, person, before, wait) if done["outcome"] == "delivered" else []
    attempts = [attempt["error"] or attempt["status"] for attempt in done["attempts"]]
    sent = {"message_sid": done["message_sid"], "outcome": done["outcome"], "webhook_answers": attempts}
    shown = [{name: reply[name] for name in ("from", "body", "media", "status", "error_code")} for reply in replies]
    if run.output.as_json:
        run.output.record({**sent, "replies": shown})
        return
    run.output.record(sent)
    for reply in shown:
        run.output.line({"from": reply["from"], "body": reply["body"], "status": reply["status"]})
    if not shown:
        run.output.note(f"No reply within {wait:g} seconds; see: ./sms tail --since 1m, ./sms parked list")


@contextmanager
def asking_the_twin() -> Iterator[None]:
    """Turns what goes wrong at the twin into Declined."""
    try:
        yield
    except httpx.HTTPStatusError as error:
        message = f"the twin of Twilio declines: {_said(error.response)}"
        raise Declined(message) from error
    except httpx.TransportError as error:
        message = "the twin of Twilio does not answer; run: ./sms local up"
        raise Declined(message) from error


def _replies(run: Invocation, phones: Twin, person: str, before: int, wait: float) -> list[dict[str, Any]]:
    """What came after the first so many messages, once it is quiet again or the time is over."""
    found, quiet = 0, 0.0
    for _ in range(round(wait / _LOOK_EVERY_SECONDS)):
        run.world.sleep(_LOOK_EVERY_SECONDS)
        count = len(phones.screen(person)) - before
        quiet = quiet + _LOOK_EVERY_SECONDS if count == found else 0.0
        found = count
        if found and quiet >= _QUIET_SECONDS:
            break
    return phones.screen(person)[before:]


def _said(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["error"])
    except (ValueError, LookupError, TypeError):
        return f"HTTP status {answer.status_code}"
