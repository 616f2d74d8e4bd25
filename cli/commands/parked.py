"""`sms parked`: texts, replies and statuses that were set aside for a person to look at."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from cli.context import Invocation
from cli.options.parked import Filters, takes_filters
from cli.output import Record
from operations import durations
from operations.audit.entries import Change, masked
from operations.parked.replay import replay, replays
from operations.stage.stack import QUEUES
from shared.errors import Declined, NotFound, SmsReceiverError
from shared.messages.outbound import Parked

app = typer.Typer(
    help="What could not be answered or sent: look at it, replay it, or discard it.", no_args_is_help=True
)

Ids = Annotated[list[str] | None, typer.Argument(metavar="ID", help="The ids of the events that are meant.")]
All = Annotated[bool, typer.Option("--all", help="Everything that is parked for the tenant.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what is meant; change nothing.")]


@app.command("list")
@takes_filters
def list_parked(
    ctx: typer.Context,
    *,
    full: Annotated[bool, typer.Option("--full", help="Show whole phone numbers.")] = False,
    filters: Filters,
) -> None:
    """List what is parked, the oldest first; docs/parking.md says what each reason means."""
    run: Invocation = ctx.obj
    _show(run, filters.choice(run.world.now()).among(run.target.parking.parked(run.tenant_id)), full=full)
    for name in QUEUES:
        if count := run.target.crashed(name):
            run.output.note(
                f"About {count} messages of the {name} queue, of whatever tenant, crashed before they could be parked; "
                "when the cause is mended: sms parked redrive"
            )


@app.command()
def show(
    ctx: typer.Context,
    event_id: Annotated[str, typer.Argument(metavar="ID", help="The event's id.")],
    text: Annotated[
        bool, typer.Option("--text", help="Show what was written, too, and all of the provider's fields.")
    ] = False,
) -> None:
    """Show one parked event with its phone numbers; what was written only with --text."""
    run: Invocation = ctx.obj
    parked = run.target.parking.find(run.tenant_id, event_id)
    if parked is None:
        raise NotFound(_no_such([event_id]))
    event = dict(parked.event) if text else _without_text(parked)
    more = {"parked_at": parked.parked_at.isoformat(), "replays": replays(parked), "group": parked.group}
    run.output.record({**_describe(run, parked, full=True), **more, "event": event})


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

    Each is answered or sent once, however often it is replayed.
    """
    run: Invocation = ctx.obj if dry_run else ctx.obj.changing()
    chosen = _chosen(run, ids or [], filters, everything=everything)
    if dry_run:
        _show(run, chosen, full=False)
        return
    run.announce_change()
    queues = {name: run.target.queue(name) for name in {parked.queue for parked in chosen}}
    done: list[Change] = []
    try:
        for parked in run.output.watched(chosen, "Replaying"):
            if replay(parked, parking=run.target.parking, queue=queues[parked.queue]):
                done.append(_change("replay", parked))  # noqa: PERF401 - to be known also when the next one fails
    except SmsReceiverError:
        run.output.note(f"{len(done)} of {len(chosen)} were replayed; the others are still parked.")
        raise
    finally:
        run.record(*done)
    run.output.record({"replayed": len(done), "gone_meanwhile": len(chosen) - len(done)})


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
    """Forget parked events for good: nobody answers them, nobody sends them."""
    run: Invocation = ctx.obj if dry_run else ctx.obj.changing()
    chosen = _chosen(run, ids or [], filters, everything=everything)
    if dry_run:
        _show(run, chosen, full=False)
        return
    run.announce_change()
    if chosen:
        run.confirm(f"Discard what is parked, for good ({len(chosen)})?")
    done: list[Change] = []
    try:
        for parked in run.output.watched(chosen, "Discarding"):
            run.target.parking.remove(parked)
            done.append(_change("discard", parked))
    finally:
        run.record(*done)
    run.output.record({"discarded": len(done)})


@app.command()
def redrive(ctx: typer.Context) -> None:
    """Bring back what crashed before it could be parked, of all tenants."""
    run: Invocation = ctx.obj
    crashed = {name: run.target.crashed(name) for name in QUEUES}
    run.output.note(f"This changes what crashed, of all tenants, in {run.target.whereabouts()}.")
    for name in (name for name, count in crashed.items() if count):
        run.target.redrive(name)
        run.record(Change("parked.redrive", None, {"queue": name, "about": str(crashed[name])}))
    run.output.record(crashed)


def _chosen(run: Invocation, ids: list[str], filters: Filters, *, everything: bool) -> list[Parked]:
    if not (ids or filters.given or everything):
        message = "say what is meant: ids, filters such as --reason, or --all"
        raise typer.BadParameter(message)
    parked = filters.choice(run.world.now(), ids).among(run.target.parking.parked(run.tenant_id))
    if missing := set(ids) - {one.id for one in parked}:
        raise Declined(_no_such(sorted(missing)))
    return parked


def _show(run: Invocation, parked: Sequence[Parked], *, full: bool) -> None:
    run.output.records([_describe(run, one, full=full) for one in parked], none="Nothing of this kind is parked.")


def _describe(run: Invocation, parked: Parked, *, full: bool) -> Record:
    return {
        "id": parked.id,
        "queue": parked.queue,
        "reason": parked.reason,
        "number": parked.number if full else masked(parked.number),
        "age": durations.shown(run.world.now() - parked.parked_at),
        "detail": parked.detail,
    }


def _change(verb: str, parked: Parked) -> Change:
    told = {"id": parked.id, "queue": parked.queue, "reason": parked.reason, "number": masked(parked.number)}
    return Change(f"parked.{verb}", parked.tenant, told)


def _without_text(parked: Parked) -> dict[str, Any]:
    event: dict[str, Any] = dict(parked.event)
    data = event.get("data")
    if isinstance(data, dict):  # the provider's own fields repeat what was written
        hidden = {name: "(shown with --text)" for name in ("text", "fields") if name in data}
        event["data"] = data | hidden
    return event


def _no_such(ids: Sequence[str]) -> str:
    return f"not parked, or not like this: {', '.join(ids)}; see: sms parked list"
