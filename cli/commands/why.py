"""`sms why`: why nobody answered; and `sms trace`, the same question with every text's timeline."""

from typing import Annotated

import typer

from cli.context import FOUND_WRONG, Invocation
from cli.timeline import show_text, show_verdict, text_record, verdict_record
from operations import durations
from operations.tracing import why as question
from operations.tracing.why import TEXTS_MAX, Explanation
from operations.tracing.window import Window, around
from shared.errors import NotFound

app = typer.Typer()

What = Annotated[
    str,
    typer.Argument(
        metavar="NUMBER|ID",
        help="A person's number, or one of yours; or the id of a text or a reply, as SM… at Twilio or SM…-1 here.",
    ),
]
To = Annotated[
    str | None, typer.Option("--to", metavar="NUMBER", help="Your number that the person wrote to; with very many.")
]
Since = Annotated[
    str,
    typer.Option(metavar="AGE", help="How far back to look: 90s, 5m, 2h, 3d. An id is mostly found without it."),
]
At = Annotated[str | None, typer.Option(metavar="TIME", help="Look around this time instead: 2026-11-25T13:30, UTC.")]
Within = Annotated[str, typer.Option(metavar="AGE", help="How far around --at to look.")]


@app.command()
def why(  # noqa: PLR0913 -- the command's options
    ctx: typer.Context, what: What, *, to: To = None, since: Since = "1d", at: At = None, within: Within = "15m"
) -> None:
    """Say why nobody answered, and what to do; then show what this is based on.

    It looks into what is stored, into the logs and at Twilio, on all stages. It changes nothing.

    Exit code 0 when nobody needs to do anything, 3 when something is wrong or nothing was found.
    """
    run: Invocation = ctx.obj
    answer = _find_out(run, what, to, since, at, within)
    if run.output.as_json:
        run.output.record(
            {
                **verdict_record(run, answer.verdict),
                "total": answer.total,
                "complete": answer.complete,
                "texts": [text_record(run, text) for text in answer.texts],
            }
        )
    else:
        show_verdict(run, answer.verdict)
        for text in answer.texts[-1:]:
            show_text(run, text)
        for text in reversed(answer.texts[:-1]):
            run.output.note(f"{text.id}: {text.verdict.sentence}")
    if not answer.is_healthy:
        raise typer.Exit(FOUND_WRONG)


@app.command()
def trace(  # noqa: PLR0913 -- the command's options
    ctx: typer.Context, what: What, *, to: To = None, since: Since = "1d", at: At = None, within: Within = "15m"
) -> None:
    """Show each hop of a text, or of each text of a person: when, where, what happened and why.

    It finds out the same as why, and shows all timelines.
    """
    run: Invocation = ctx.obj
    answer = _find_out(run, what, to, since, at, within)
    if not answer.texts:
        raise NotFound(str(answer.verdict))
    if run.output.as_json:
        run.output.records([text_record(run, text) for text in answer.texts], none="")
        return
    for text in answer.texts:
        show_text(run, text)
        show_verdict(run, text.verdict)


def _find_out(  # noqa: PLR0913, PLR0917 -- the commands' options
    run: Invocation, what: str, to: str | None, since: str, at: str | None, within: str
) -> Explanation:
    window = Window(run.world.now() - durations.read(since)) if at is None else around(at, durations.read(within))
    answer = question.find_out(run, what, window, to=to)
    if answer.total > TEXTS_MAX:
        run.output.note(f"Of {answer.total} texts only the latest {TEXTS_MAX}; --at and --within find earlier ones.")
    if not answer.complete:
        run.output.note("The logs have more than could be searched in time. A shorter --since, or --at, finds it all.")
    return answer
