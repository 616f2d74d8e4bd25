"""`sms events`: an agent's journal, in which other systems read what happened."""

from typing import Annotated

import typer

from cli.context import Invocation
from operations import journal
from shared.tenants.agent import JournalSettings

app = typer.Typer(
    help="Event forwarding: tell a queue or a topic of yours what happens to an agent's texts.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The agent's name.")]

PERSONAL = (
    "From now on texts, links and whole addresses of persons leave for that target. Who may read it may read them: "
    "keep it encrypted, let few read it, and delete what is no longer needed."
)


@app.command()
def on(
    ctx: typer.Context,
    name: Name,
    *,
    to: Annotated[
        str,
        typer.Option(metavar="ARN", help="The SQS queue or the SNS topic, which the deployment must allow."),
    ],
    with_text: Annotated[
        bool,
        typer.Option("--with-text", help="With texts, links and whole addresses: personal data. [without]"),
    ] = False,
) -> None:
    """Tell a queue or a topic what happens to an agent's texts, messages and sessions.

    Without --with-text no text leaves, and of each address the last four characters alone.
    """
    run: Invocation = ctx.obj.changing()
    settings = JournalSettings(to, with_text)
    if with_text:
        run.output.warning(PERSONAL)
        run.confirm(f"Let texts and addresses of agent {name!r} leave?")
    run.output.record(journal.describe(journal.switch_on(run, name, settings)))
    run.output.note("Lambdas hear of it within a minute. To see whether it arrives: sms events test")


@app.command()
def off(ctx: typer.Context, name: Name) -> None:
    """Tell nobody what happens to an agent's texts any more."""
    run: Invocation = ctx.obj.changing()
    run.output.record(journal.describe(journal.switch_off(run, name)))


@app.command()
def show(ctx: typer.Context) -> None:
    """List the tenant's agents, and whom what happens to their texts is told."""
    run: Invocation = ctx.obj
    run.output.records(list(journal.described(run)), none="There is no agent yet; make one with: sms agent create")


@app.command()
def test(ctx: typer.Context, name: Name) -> None:
    """Send an entry that tells nothing to the agent's target, the way that all others go."""
    run: Invocation = ctx.obj
    run.output.record(journal.test(run, name))
    run.output.note(
        "It is on its way. If it does not arrive within a minute: sms tail --reason journal_unavailable --since 5m"
    )
