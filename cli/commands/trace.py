"""`sms trace`: what became of a text, hop by hop, on whatever stage it came in."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated, get_args

import typer
from rich.table import Table

from cli.context import Invocation
from cli.output import Record
from operations import durations
from operations.numbers.phone_number import normalise
from operations.stage.target import Stage
from operations.tracing import log_lines
from operations.tracing.hop import Hop
from operations.tracing.verdicts import verdict
from shared.errors import InvalidValue, NotFound
from shared.messages import events
from shared.telemetry import CONVERSATION_DIGITS, LogEvent

_ID = re.compile(r"[A-Z]{2}[0-9a-zA-Z]{8,62}")
_PART = re.compile(r"(-f)?-[0-9]+$")
_CHANNELS = ("", "whatsapp:", "rcs:")
_BEGINS = {LogEvent.ACCEPTED, LogEvent.SUBMITTED, LogEvent.REFUSED}
_BAR = 24
_SHOWN_MAX = 20

app = typer.Typer()


@app.command()
def trace(
    ctx: typer.Context,
    what: Annotated[
        str, typer.Argument(metavar="ID|NUMBER", help="A text's or a reply's id, as SM…; or a person's phone number.")
    ],
    *,
    since: Annotated[str, typer.Option(metavar="AGE", help="How far back to look: 90s, 5m, 2h, 3d.")] = "1d",
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="Look around this time instead: 2026-11-25T13:30, UTC.")
    ] = None,
    within: Annotated[str, typer.Option(metavar="AGE", help="How far around --at to look.")] = "15m",
) -> None:
    """Show each hop of a text: when, where, what happened and why; and what to do, if there is something to do."""
    run: Invocation = ctx.obj
    begin, end = _window(run, since, at, within)
    ids = [_PART.sub("", what)] if _ID.match(what) else list(_of_person(run, normalise(what), begin, end))
    texts = {text: hops for text in ids if (hops := _hops_of(run, text, begin))}
    if not texts:
        message = (
            "the logs of this time tell nothing of it; look further back with --since or --at; "
            "of what came with a wrong key they never do: sms tail shows it, and Twilio's debugger"
        )
        raise NotFound(message)
    command = "./sms --local" if run.local else "./sms"
    if run.output.as_json:
        run.output.records([_record(text, hops, command) for text, hops in texts.items()], none="")
        return
    for text, hops in texts.items():
        run.output.table(_timeline(text, hops))
        run.output.note(str(verdict(text, hops, command=command)))


def _record(text: str, hops: Sequence[Hop], command: str) -> Record:
    became = verdict(text, hops, command=command)
    return {"id": text, "state": became.state, "verdict": str(became), "hops": [hop.record for hop in hops]}


def _window(run: Invocation, since: str, at: str | None, within: str) -> tuple[datetime, datetime | None]:
    if at is None:
        return run.world.now() - durations.read(since), None
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        message = "the time must look like 2026-11-25T13:30, or 2026-11-25T13:30:00+01:00"
        raise InvalidValue(message) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=run.world.now().tzinfo)
    return moment - durations.read(within), moment + durations.read(within)


def _of_person(run: Invocation, person: str, begin: datetime, end: datetime | None) -> Iterator[str]:
    """The texts of a person's conversations, and messages to them, the oldest first. The logs hold no numbers."""
    tenant = run.read()
    conversations = {
        events.conversation_id(tenant, ours=channel + ours, person=channel + person)[:CONVERSATION_DIGITS]
        for agent in tenant.agents
        for ours in agent.numbers
        for channel in _CHANNELS
    }
    found = [
        hop
        for hop in log_lines.read(run, begin, stages=get_args(Stage), until=end, containing=tenant.id)
        if hop.event in _BEGINS and hop.told.get("conversation") in conversations and hop.told.get("correlation_id")
    ]
    ids = dict.fromkeys(str(hop.told["correlation_id"]) for hop in found)
    if len(ids) > _SHOWN_MAX:
        run.output.note(f"Of {len(ids)} texts only the latest {_SHOWN_MAX}; --at and --within find earlier ones.")
    yield from list(ids)[-_SHOWN_MAX:]


def _hops_of(run: Invocation, text: str, begin: datetime) -> list[Hop]:
    """Until now: a reply may come long after the text. A reply's id at the provider leads to its text."""
    for _ in range(2):
        hops = log_lines.read(run, begin, stages=get_args(Stage), containing=text)
        known = [str(hop.told["correlation_id"]) for hop in hops if hop.told.get("correlation_id")]
        if not known or text in known:
            break
        text = known[0]
    return hops


def _timeline(text: str, hops: Sequence[Hop]) -> Table:
    first, last = hops[0].time, hops[-1].time
    table = Table(title=text, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for heading in ("time", "after", "", "stage", "function", "what happened", "why", ""):
        table.add_column(heading, overflow="fold")
    for hop in hops:
        after = hop.time - first
        more = (f"{name}={value}" for name, value in hop.told.items() if name not in {"tenant", "correlation_id"})
        table.add_row(
            hop.time.strftime("%H:%M:%S.%f")[:-3],
            f"{after.total_seconds():.3f} s",
            _bar(after, last - first),
            hop.stage,
            hop.function,
            hop.event.value,
            hop.reason or "",
            " ".join(more),
        )
    return table


def _bar(after: timedelta, whole: timedelta) -> str:
    place = round((_BAR - 1) * (after / whole)) if whole else 0
    return "─" * place + "●" + " " * (_BAR - 1 - place)
