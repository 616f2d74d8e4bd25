"""`sms parked`: texts, replies and statuses that were set aside for an operator."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from cli.context import Invocation
from cli.options.parked import takes_filters
from cli.output import Record
from operations import durations
from operations.audit.entries import masked
from operations.parked import crashed
from operations.parked.batch import discard_all, replay_all
from operations.parked.filters import Filters, event_with_id, matching
from operations.parked.replay import replays
from operations.parked.written import without_text
from operations.twilio.message_errors import explained
from shared.messages.outbound import Parked

app = typer.Typer(
    help="Events that could not be answered or sent: look at them, replay or discard them.", no_args_is_help=True
)

_NOTHING = "Nothing of this kind is parked."

Ids = Annotated[list[str] | None, typer.Argument(metavar="ID", help="The ids of events.")]
All = Annotated[bool, typer.Option("--all", help="Everything that is parked for the tenant.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show which events are chosen; change nothing.")]


@app.command("list")
@takes_filters
def list_parked(
    ctx: typer.Context,
    *,
    full: Annotated[
        bool, typer.Option("--full", help="Show whole phone numbers in the table; with --json they always are.")
    ] = False,
    filters: Filters,
) -> None:
    """List what is parked, the oldest first; docs/parking.md says what each reason means."""
    run: Invocation = ctx.obj
    _show(run, matching(run, filters), full=full)
    for name, count in crashed.count_crashed(run).items():
        if count:
            run.output.note(
                f"About {count} messages of the {name} queue, of any tenant, crashed before they could be parked; "
                "when the cause is fixed: sms parked redrive"
            )


@app.command()
def show(
    ctx: typer.Context,
    event_id: Annotated[str, typer.Argument(metavar="ID", help="The event's id.")],
    text: Annotated[
        bool, typer.Option("--text", help="Also show the text, its media, and all of the provider's fields.")
    ] = False,
) -> None:
    """Show one parked event with its phone numbers; its text only with --text."""
    run: Invocation = ctx.obj
    parked = event_with_id(run, event_id)
    event = dict(parked.event) if text else without_text(parked.event, placeholder="(shown with --text)")
    more = {
        "error_code": parked.error_code,
        "error": explained(parked.error_code) or None,
        "replays": replays(parked),
        "group": parked.group,
    }
    run.output.record({**_describe(run, parked), **more, "event": event})


@app.command("replay")
@takes_filters
def replay_parked(
    ctx: typer.Context,
    *,
    ids: Ids = None,
    everything: All = False,
    dry_run: DryRun = False,
    filters: Filters,
) -> None:
    """Send parked events to their queues again, the oldest first.

    Each is answered or sent once, however often it is replayed. With --all it asks first: whoever waits since days gets
    an answer now.
    """
    run: Invocation = ctx.obj if dry_run else ctx.obj.changing()
    events = _chosen(run, ids or [], filters, everything=everything)
    if dry_run:
        _show(run, events, full=False)
        return
    run.announce_change()
    if not events:
        run.output.note(_NOTHING)
    elif everything:
        age = durations.shown(run.world.now() - events[0].parked_at)
        run.confirm(f"Replay everything that is chosen ({len(events)})? The oldest was parked {age} ago.")
    run.output.record(asdict(replay_all(run, events)))


@app.command()
@takes_filters
def discard(
    ctx: typer.Context,
    *,
    ids: Ids = None,
    everything: All = False,
    dry_run: DryRun = False,
    filters: Filters,
) -> None:
    """Delete parked events for good: they will never be answered or sent."""
    run: Invocation = ctx.obj if dry_run else ctx.obj.changing()
    events = _chosen(run, ids or [], filters, everything=everything)
    if dry_run:
        _show(run, events, full=False)
        return
    run.announce_change()
    if not events:
        run.output.note(_NOTHING)
    else:
        run.confirm(f"Discard what is parked, for good ({len(events)})?")
    run.output.record({"discarded": discard_all(run, events)})


@app.command()
def redrive(ctx: typer.Context) -> None:
    """Return to their queues the messages of all tenants that crashed before they could be parked."""
    run: Invocation = ctx.obj
    counts = crashed.count_crashed(run)
    run.output.note(f"This changes what crashed, of all tenants, in {run.target.whereabouts()}.")
    crashed.redrive(run, counts)
    run.output.record(counts)


def _chosen(run: Invocation, ids: list[str], filters: Filters, *, everything: bool) -> list[Parked]:
    if not (ids or filters.any_set or everything):
        message = "choose events: by their ids, by filters such as --reason, or with --all"
        raise typer.BadParameter(message)
    return matching(run, filters, ids)


def _show(run: Invocation, events: Sequence[Parked], *, full: bool) -> None:
    records = [_describe(run, event) for event in events]
    run.output.records(records, none=_NOTHING, row=_row(run.world.now(), full=full))


def _describe(run: Invocation, parked: Parked) -> Record:
    return {
        "id": parked.id,
        "queue": parked.queue,
        "reason": parked.reason,
        "number": parked.number,
        "parked_at": parked.parked_at.isoformat(timespec="seconds"),
        "detail": run.output.hints.completed(parked.detail),
    }


def _row(now: datetime, *, full: bool) -> Callable[[Record], Record]:
    """Makes a row for people of what is parked: with its age, and of the number the last digits unless it is `full`."""

    def row(record: Record) -> Record:
        return {
            "id": record["id"],
            "queue": record["queue"],
            "reason": record["reason"],
            "number": record["number"] if full else masked(str(record["number"])),
            "age": durations.shown(now - datetime.fromisoformat(str(record["parked_at"]))),
            "detail": record["detail"],
        }

    return row
