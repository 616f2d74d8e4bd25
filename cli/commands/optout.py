"""`sms optout`: who has opted out where Twilio does not keep it, as by WhatsApp."""

from typing import Annotated

import typer

from cli.context import Invocation
from cli.output import Record
from operations import opt_outs
from operations.audit.entries import masked
from operations.numbers import typed_address
from shared.address import Address
from shared.messages.outbound import StoppedConversation

app = typer.Typer(
    help="Opt-outs that Twilio does not keep, as by WhatsApp: look at them, add one, remove one.", no_args_is_help=True
)

Person = Annotated[
    str, typer.Argument(metavar="ADDRESS", help="The person's address, with its channel: whatsapp:+12025550147.")
]
Ours = Annotated[
    str, typer.Option("--number", metavar="NUMBER", help="Your number or other address that they are texted from.")
]


@app.command("list")
def list_opt_outs(
    ctx: typer.Context,
    *,
    full: Annotated[bool, typer.Option("--full", help="Show whole addresses.")] = False,
) -> None:
    """List who has opted out of which of your addresses, on this stage.

    Of SMS there are none: Twilio keeps those itself, for phone numbers.
    """
    run: Invocation = ctx.obj
    records = ([_describe(stopped, full=full) for stopped in page] for page in opt_outs.listed(run))
    if not run.output.pages(records):
        run.output.note("Nobody has opted out where Twilio does not keep it.")


@app.command()
def add(ctx: typer.Context, person: Person, *, number: Ours) -> None:
    """Send a person nothing more from one of your addresses, as if they had written STOP.

    It ends when the person writes START, or with: sms optout remove.
    """
    run: Invocation = ctx.obj.changing()
    ours, address = typed_address.read_ours(number), typed_address.read(person)
    run.announce_change()
    added = opt_outs.add(run, ours, address)
    if not added:
        run.output.note("This person had opted out already; nothing was changed.")
    run.output.record({"person": address, "opted_out": True, "changed": added})


@app.command()
def remove(ctx: typer.Context, person: Person, *, number: Ours) -> None:
    """Let a person be texted again from one of your addresses, also if they wrote STOP.

    Do this only when the person has agreed to it.
    """
    run: Invocation = ctx.obj.changing()
    ours, address = typed_address.read_ours(number), typed_address.read(person)
    run.announce_change()
    run.confirm("Has this person agreed to be texted again?")
    opt_outs.remove(run, ours, address)
    run.output.record({"person": address, "opted_out": False, "changed": True})


def _describe(stopped: StoppedConversation, *, full: bool) -> Record:
    return {
        "person": stopped.person if full else masked(stopped.person),
        "number": stopped.ours if full else masked(stopped.ours),
        "channel": Address.parse(stopped.ours).channel,
        "since": stopped.at.isoformat(timespec="seconds"),
        "by": "operator" if stopped.by_operator else "person",
    }
