"""`sms agent`: what texts are for."""

from typing import Annotated

import typer

from cli.commands.backend import SIGNING_SHOWN_ONCE
from cli.context import Invocation
from cli.options.backends import takes_backends
from cli.output import Record
from operations.stage.target import Stage
from operations.tenants import agent_edits
from operations.tenants.backends import BackendChanges
from operations.tenants.edits import Edit, in_turn
from operations.tenants.records import describe_agent
from shared.tenants.agent import FAILURE_REPLY, Agent, AgentKind

app = typer.Typer(help="Agents: who answers the texts to which numbers, and with what manners.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The agent's name.")]
NAME_HELP = "Up to 64 characters, no other agent's."
KIND_HELP = "How people reach it; only sms and voice+sms take texts."
REGION_HELP = "The stage whose URL its numbers use."

SessionTimeout = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS", help="A text that comes later than this after the one before it begins a new session. [3600]"
    ),
]
FailureReply = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help=f"What a person is told when no backend could answer. [{FAILURE_REPLY}]"),
]
NoFailureReply = Annotated[bool, typer.Option("--no-failure-reply", help="Tell the person nothing then.")]


@app.command()
@takes_backends
def create(  # noqa: PLR0913 -- the options
    ctx: typer.Context,
    *,
    name: Annotated[str, typer.Option(help=NAME_HELP)],
    kind: Annotated[AgentKind, typer.Option(help=KIND_HELP)] = AgentKind.SMS,
    region: Annotated[Stage | None, typer.Option(help=REGION_HELP, show_default="--stage")] = None,
    session_timeout: SessionTimeout = None,
    failure_reply: FailureReply = None,
    no_failure_reply: NoFailureReply = False,
    backends: BackendChanges,
) -> None:
    """Make an agent. It gets numbers with: sms number assign."""
    run: Invocation = ctx.obj.changing()
    backends.check_allowed(run)
    new = Agent(name=name, kind=kind, region=region or run.stage)
    manners = _manners(name, session_timeout, failure_reply, silent=no_failure_reply)
    tenant = run.change(in_turn(agent_edits.add_agent(new), *backends.edits(name, local=run.local), *manners))
    agent = agent_edits.agent_named(tenant, name)
    _show_changed(run, agent, backends)
    if agent.kind.takes_texts and not agent.backend:
        run.output.note(f"Nobody answers its texts yet; to try it out: sms agent update {name!r} --backend echo")


@app.command("list")
def list_agents(ctx: typer.Context) -> None:
    """List the tenant's agents."""
    run: Invocation = ctx.obj
    agents = [_row(agent) for agent in run.read().agents]
    run.output.records(agents, none="There is no agent yet; make one with: sms agent create")


@app.command()
def show(ctx: typer.Context, name: Name) -> None:
    """Show an agent; of its signing secrets only the last four characters."""
    run: Invocation = ctx.obj
    run.output.record(describe_agent(agent_edits.agent_named(run.read(), name)))


@app.command()
@takes_backends
def update(  # noqa: PLR0913 -- the options
    ctx: typer.Context,
    name: Name,
    *,
    new_name: Annotated[str | None, typer.Option("--name", help=f"A new name. {NAME_HELP}")] = None,
    kind: Annotated[AgentKind | None, typer.Option(help=KIND_HELP)] = None,
    region: Annotated[Stage | None, typer.Option(help=REGION_HELP)] = None,
    session_timeout: SessionTimeout = None,
    failure_reply: FailureReply = None,
    no_failure_reply: NoFailureReply = False,
    backends: BackendChanges,
) -> None:
    """Rename an agent, or change its kind, region, backends or manners; what is not named stays."""
    run: Invocation = ctx.obj.changing()
    manners = _manners(name, session_timeout, failure_reply, silent=no_failure_reply)
    if new_name is None and kind is None and region is None and not manners and not backends.change_anything:
        message = "say what to change, such as --name, --region or --backend"
        raise typer.BadParameter(message)
    backends.check_allowed(run)
    renamed = agent_edits.update_agent(name, new_name=new_name, kind=kind, region=region)
    tenant = run.change(in_turn(*backends.edits(name, local=run.local), *manners, renamed))
    agent = agent_edits.agent_named(tenant, name if new_name is None else new_name)
    _show_changed(run, agent, backends)
    if region and agent.numbers:
        run.output.note("Its numbers still use the old region's URL at the provider; the new one: sms url")


@app.command()
def delete(ctx: typer.Context, name: Name) -> None:
    """Delete an agent and release its numbers."""
    run: Invocation = ctx.obj.changing()
    writing = run.editing()
    agent = agent_edits.agent_named(run.read(), name)
    run.confirm(f"Delete agent {name!r} and release its numbers ({len(agent.numbers)})?")
    writing.change(run.tenant_id, agent_edits.delete_agent(name))
    run.output.record({"deleted": name})


def _row(agent: Agent) -> Record:
    columns = ("name", "kind", "region", "takes_texts", "numbers", "backend", "second_backend")
    return {name: value for name, value in describe_agent(agent).items() if name in columns}


def _show_changed(run: Invocation, agent: Agent, backends: BackendChanges) -> None:
    secrets = backends.new_secrets(agent)
    run.output.record({**describe_agent(agent), **secrets})
    if secrets:
        run.output.note(SIGNING_SHOWN_ONCE)


def _manners(name: str, session_seconds: float | None, failure_reply: str | None, *, silent: bool) -> list[Edit]:
    if silent and failure_reply is not None:
        message = "give --failure-reply or --no-failure-reply, not both"
        raise typer.BadParameter(message)
    edits = []
    if session_seconds is not None:
        edits.append(agent_edits.update_agent(name, session_seconds=session_seconds))
    if silent or failure_reply is not None:
        edits.append(agent_edits.set_failure_reply(name, failure_reply))
    return edits
