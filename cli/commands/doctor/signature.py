"""`sms doctor signature`: why a request was refused."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlencode

import typer

from cli.context import FOUND_WRONG, Invocation
from cli.output import Record
from cli.secret_lines import SecretLine
from operations import durations
from operations.numbers.webhook_url import OVERRIDES
from operations.signature import causes
from operations.signature.case import Case, Mistakes, PastedSecret
from operations.signature.causes import Cause
from operations.signature.diagnosis import Diagnosis, diagnose
from operations.signature.secret_candidates import PASTED_KINDS
from operations.tracing import refusals
from shared.errors import Declined, InvalidValue
from shared.messages.inbound import FORM
from shared.telemetry import LogEvent
from shared.tenants.agent import STAGES

_GENUINE = Cause(
    "The signature is right: this tenant's tokens make it, for this URL and these fields.",
    "If it was refused all the same: a token was added since then; or the key, its role or the way that "
    "the fields are cut is to blame, which --request-id tells; or the request came to another stage (--stage).",
)
_UNKNOWN = Cause(
    "Nothing that is known explains this signature.",
    "Most likely another token signed it: compare the last four characters (./sms twilio show-accounts) with Twilio's "
    "console, and bring the tokens along with --try primary --try secondary. Then: are these all fields, the blank "
    "ones too, exactly as they were sent? Is it the URL at the number, or its fallback? Texts go on meanwhile with: "
    "./sms tenant update --signature observe",
)

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
        typer.Option(metavar="NAME=VALUE", help="A field, decoded; once for each. Instead of the form."),
    ] = None,
    content_type: Annotated[str, typer.Option(metavar="TYPE", help="The header Content-Type.")] = FORM,
    try_secret: Annotated[
        list[str] | None,
        typer.Option("--try", metavar="KIND", help=f"Ask for one more secret and try it: {', '.join(PASTED_KINDS)}."),
    ] = None,
    message_id: Annotated[
        str | None, typer.Option(metavar="SM…", help="Instead: what the log says of the message.")
    ] = None,
    request_id: Annotated[
        str | None, typer.Option(metavar="ID", help="The same by the request's id, as the log has it.")
    ] = None,
    since: Annotated[str, typer.Option(metavar="AGE", help="How far to look back in the log: 2h, 3d.")] = "1d",
) -> None:
    """Explain why a request was refused: name what is wrong with its signature.

    The form is asked for, or read from standard input: its first line, as it was sent (a=1&b=2). A secret for each
    --try follows, one a line, and nothing else. None of it is shown or kept. Twilio's debugger shows all that is
    needed.

    Exit code 0 when the signature is right, 3 when it is not.
    """
    run: Invocation = ctx.obj
    wanted = message_id or request_id
    if wanted is not None:
        _from_log(run, wanted, since)
        return
    if url is None or signature is None:
        message = "give --url and --signature, or --message-id, or --request-id"
        raise typer.BadParameter(message)
    if unknown := set(try_secret or []) - PASTED_KINDS.keys():
        message = f"--try knows {', '.join(PASTED_KINDS)}, not {', '.join(sorted(unknown))}"
        raise typer.BadParameter(message)
    kinds = try_secret or []
    asked = [] if field else [_FORM]
    typed = run.secrets(*asked, *(SecretLine(f"secret to try, {kind}") for kind in kinds))
    body = _form_of(field) if field else typed.pop(0).encode("utf-8", "surrogateescape")
    pasted = tuple(PastedSecret(kind, text) for kind, text in zip(kinds, typed, strict=True))
    found = diagnose(
        Case(
            tenant=run.read(),
            stage=run.stage,
            base_urls=_base_urls(run),
            url=url,
            body=body,
            signature=signature,
            content_type=content_type,
            pasted=pasted,
            fragments=(OVERRIDES,),
        )
    )
    _show(run, found)
    if not found.genuine:
        raise typer.Exit(FOUND_WRONG)


def _show(run: Invocation, found: Diagnosis) -> None:
    said = _said(run, found.causes)
    if not said:
        name, verdict = ("none", _GENUINE) if found.genuine else ("unknown", _UNKNOWN)
        said = [{"cause": name, "happened": verdict.happened, "do": run.output.hints.completed(verdict.cure)}]
    odd = [] if found.genuine else _said(run, found.odd)
    if run.output.as_json:
        shown = {"genuine": found.genuine, "causes": said, "odd": odd, "signatures_tried": found.tried}
        run.output.record(shown)
        return
    for one in said:
        run.output.record(one)
    for one in odd:
        run.output.note(f"Besides: {one['happened']} {one['do']}")
    if not found.causes and not found.genuine:
        run.output.note(f"{found.tried} signatures were tried, with up to two mistakes at once.")


def _said(run: Invocation, named: Mistakes) -> list[Record]:
    completed = run.output.hints.completed
    return [{"cause": one.cause, "happened": causes.happened(one), "do": completed(causes.cure(one))} for one in named]


def _from_log(run: Invocation, wanted: str, since: str) -> None:
    told = refusals.about(run, wanted, run.world.now() - durations.read(since))
    if not told:
        message = (
            f"the receiver's log has nothing of it in the last {since}; look further back with --since, on the other "
            "stage with --stage, or explain the request itself with --url and --signature"
        )
        raise Declined(message)
    shown = [
        {
            "time": one.time.isoformat(timespec="seconds"),
            "event": one.event.value,
            "reason": one.reason,
            "means": one.explained.happened,
            "do": run.output.hints.completed(one.explained.cure),
        }
        for one in told
    ]
    if run.output.as_json:
        run.output.records(shown, none="")
    else:
        for one in shown:
            run.output.record(one)
    if told[-1].event is not LogEvent.ACCEPTED:
        raise typer.Exit(FOUND_WRONG)


def _base_urls(run: Invocation) -> dict[str, Sequence[str]]:
    """What the webhooks of each deployed stage begin with: the provider's, and the gateway's own."""
    known = {
        stage: (run.target.base_url(stage), (run.target.outputs(stage) or {}).get("ServiceEndpoint"))
        for stage in STAGES
    }
    return {stage: tuple(base for base in bases if base) for stage, bases in known.items()}


def _form_of(fields: Sequence[str]) -> bytes:
    pairs = [field.partition("=") for field in fields]
    if any(not equals for _, equals, _ in pairs):
        message = "--field is NAME=VALUE; a blank field is NAME="
        raise InvalidValue(message)
    return urlencode([(name, value) for name, _, value in pairs]).encode()
