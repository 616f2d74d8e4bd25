"""`sms doctor signature`: why a request was refused."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlencode

import typer

from cli.context import FOUND_WRONG, Invocation
from cli.output import Record
from cli.secret_lines import SecretLine
from operations import durations
from operations.signature.case import PastedSecret
from operations.signature.explanation import Explanation, NamedCause, SuspectRequest
from operations.signature.explanation import explain as explain_request
from operations.signature.secret_candidates import PASTED_KINDS
from operations.tracing import refusals
from shared.errors import CommandDeclined, InvalidValue
from shared.messages.inbound import FORM

_FORM = SecretLine("form, as it was sent: a=1&b=2", verbatim=True)


def explain(  # noqa: PLR0913 -- the command's options
    ctx: typer.Context,
    *,
    url: Annotated[str | None, typer.Option(metavar="URL", help="The URL that was called, as Twilio shows it.")] = None,
    signature: Annotated[
        str | None, typer.Option(metavar="SIGNATURE", help="The header X-Twilio-Signature; '' when it was missing.")
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A field, decoded; repeat it for each field. Instead of the form."),
    ] = None,
    content_type: Annotated[str, typer.Option(metavar="TYPE", help="The header Content-Type.")] = FORM,
    try_secret: Annotated[
        list[str] | None,
        typer.Option("--try", metavar="KIND", help=f"Ask for another secret and try it: {', '.join(PASTED_KINDS)}."),
    ] = None,
    message_id: Annotated[
        str | None, typer.Option(metavar="SM…", help="Instead: show what the log has about the message.")
    ] = None,
    request_id: Annotated[
        str | None, typer.Option(metavar="ID", help="The same, by the request's id in the log.")
    ] = None,
    since: Annotated[str, typer.Option(metavar="AGE", help="How far to look back in the log: 2h, 3d.")] = "1d",
) -> None:
    """Explain why a request was refused: name what is wrong with its signature.

    The form is asked for, or read from standard input: the first line, as it was sent (a=1&b=2). After it comes a
    secret for each --try, each on a line, and nothing else. None of it is shown or stored. Twilio's debugger shows all
    that is needed.

    Exit code 0 when the signature is right, 3 when it is not.
    """
    run: Invocation = ctx.obj
    id_in_log = message_id or request_id
    if id_in_log is not None:
        _from_log(run, id_in_log, since)
        return
    if url is None or signature is None:
        message = "give --url and --signature, or --message-id, or --request-id"
        raise typer.BadParameter(message)
    if unknown := set(try_secret or []) - PASTED_KINDS.keys():
        message = f"--try knows {', '.join(PASTED_KINDS)}, not {', '.join(sorted(unknown))}"
        raise typer.BadParameter(message)
    kinds = try_secret or []
    form = [] if field else [_FORM]
    typed = run.secrets(*form, *(SecretLine(f"secret to try, {kind}") for kind in kinds))
    body = _form_of(field) if field else typed.pop(0).encode("utf-8", "surrogateescape")
    pasted = tuple(PastedSecret(kind, text) for kind, text in zip(kinds, typed, strict=True))
    request = SuspectRequest(url, signature, body, content_type, pasted)
    explanation = explain_request(run, request)
    _show(run, explanation)
    if not explanation.genuine:
        raise typer.Exit(FOUND_WRONG)


def _show(run: Invocation, explanation: Explanation) -> None:
    causes = _records(run, explanation.causes)
    oddities = _records(run, explanation.oddities)
    if run.output.as_json:
        tried = {"signatures_tried": explanation.tried}
        run.output.record({"genuine": explanation.genuine, "causes": causes, "odd": oddities, **tried})
        return
    for cause in causes:
        run.output.record(cause)
    for oddity in oddities:
        run.output.note(f"Besides: {oddity['happened']} {oddity['do']}")
    if not explanation.explained:
        run.output.note(f"{explanation.tried} signatures were tried, with up to two mistakes at once.")


def _records(run: Invocation, causes: Sequence[NamedCause]) -> list[Record]:
    completed = run.output.hints.completed
    return [{"cause": cause.name, "happened": cause.happened, "do": completed(cause.cure)} for cause in causes]


def _from_log(run: Invocation, id_in_log: str, since: str) -> None:
    lines = refusals.about(run, id_in_log, run.world.now() - durations.read(since))
    if not lines:
        message = (
            f"the receiver's log has nothing about it in the last {since}; look further back with --since, on the "
            "other stage with --stage, or give the request itself with --url and --signature"
        )
        raise CommandDeclined(message)
    records = [
        {
            "time": line.time.isoformat(timespec="seconds"),
            "event": line.event.value,
            "reason": line.reason,
            "means": line.explained.happened,
            "do": run.output.hints.completed(line.explained.cure),
        }
        for line in lines
    ]
    if run.output.as_json:
        run.output.records(records, none="")
    else:
        for record in records:
            run.output.record(record)
    if not lines[-1].accepted:
        raise typer.Exit(FOUND_WRONG)


def _form_of(fields: Sequence[str]) -> bytes:
    pairs = [field.partition("=") for field in fields]
    if any(not equals for _, equals, _ in pairs):
        message = "--field is NAME=VALUE; a blank field is NAME="
        raise InvalidValue(message)
    return urlencode([(name, value) for name, _, value in pairs]).encode()
