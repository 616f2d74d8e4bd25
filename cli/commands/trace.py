"""`sms trace`: what became of a text, hop by hop, on all stages."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Annotated

import typer

from cli.context import Invocation
from cli.output import Record
from operations import durations
from operations.tracing import texts
from operations.tracing.texts import TEXTS_MAX, TracedText
from operations.tracing.window import Window, around
from shared.errors import NotFound

_BAR = 24
_HEADINGS = ("time", "after", "", "stage", "function", "what happened", "why", "")

app = typer.Typer()


@app.command()
def trace(
    ctx: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="ID|ADDRESS", help="A text's or a reply's id, as SM…; or a person's number or other address."
        ),
    ],
    *,
    since: Annotated[str, typer.Option(metavar="AGE", help="How far back to look: 90s, 5m, 2h, 3d.")] = "1d",
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="Look around this time instead: 2026-11-25T13:30, UTC.")
    ] = None,
    within: Annotated[str, typer.Option(metavar="AGE", help="How far around --at to look.")] = "15m",
) -> None:
    """Show each hop of a text: when, where, what happened and why; and what to do, if anything."""
    run: Invocation = ctx.obj
    window = Window(run.world.now() - durations.read(since)) if at is None else around(at, durations.read(within))
    traced = texts.trace(run, what, window)
    if traced.total > TEXTS_MAX:
        run.output.note(f"Of {traced.total} texts only the latest {TEXTS_MAX}; --at and --within find earlier ones.")
    if not traced.texts:
        message = (
            "the logs of this time have nothing of it; look further back with --since or --at. They can be minutes "
            "late: if it came just now, try again. "
            "What came with a wrong key cannot be traced: sms tail shows it, and so does Twilio's debugger"
        )
        raise NotFound(message)
    if run.output.as_json:
        run.output.records([_record(text) for text in traced.texts], none="")
        return
    for text in traced.texts:
        run.output.table(text.id, _HEADINGS, list(_timeline(text)), narrow=[hop.record for hop in text.hops])
        run.output.note(str(text.verdict))


def _record(text: TracedText) -> Record:
    return {
        "id": text.id,
        "state": text.verdict.state,
        "verdict": str(text.verdict),
        "hops": [hop.record for hop in text.hops],
    }


def _timeline(text: TracedText) -> Iterator[Sequence[str]]:
    first, last = text.hops[0].time, text.hops[-1].time
    for hop in text.hops:
        after = hop.time - first
        more = (f"{name}={value}" for name, value in hop.details.items() if name not in {"tenant", "correlation_id"})
        yield (
            hop.time.strftime("%H:%M:%S.%f")[:-3],
            f"{after.total_seconds():.3f} s",
            _bar(after, last - first),
            hop.stage,
            hop.function,
            hop.event.value,
            hop.reason or "",
            " ".join(more),
        )


def _bar(after: timedelta, whole: timedelta) -> str:
    place = round((_BAR - 1) * (after / whole)) if whole else 0
    return "─" * place + "●" + " " * (_BAR - 1 - place)
