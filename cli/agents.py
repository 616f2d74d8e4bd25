"""`sms agent`: what texts are for."""

from typing import Annotated

import typer

from cli.invocation import Invocation
from cli.output import Record
from cli.target import Stage
from shared import agent_edits
from shared.agent import Agent, AgentKind

app = typer.Typer(help="Agents: what texts are for.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The agent's name.")]
NAME_HELP = "Up to 64 characters, no other agent's."
KIND_HELP = "How people reach it; only sms and voice+sms take texts."
REGION_HELP = "The stage whose URL its numbers use."


@app.command()
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Option(help=NAME_HELP)],
    kind: Annotated[AgentKind, typer.Option(help=KIND_HELP)] = AgentKind.SMS,
    region: Annotated[Stage | None, typer.Option(help=REGION_HELP, show_default="--stage")] = None,
) -> None:
    """Make an agent."""
    run: Invocation = ctx.obj
    agent = Agent(name=name, kind=kind, region=region or run.stage)
    run.change(agent_edits.add_agent(agent))
    run.output.record(describe(agent))


@app.command("list")
def list_agents(ctx: typer.Context) -> None:
    """List the tenant's agents."""
    run: Invocation = ctx.obj
    agents = [describe(agent) for agent in run.read().agents]
    run.output.records(agents, none="There is no agent yet; make one with: sms agent create")


@app.command()
def show(ctx: typer.Context, name: Name) -> None:
    """Show an agent."""
    run: Invocation = ctx.obj
    run.output.record(describe(agent_edits.agent_named(run.read(), name)))


@app.command()
def update(
    ctx: typer.Context,
    name: Name,
    new_name: Annotated[str | None, typer.Option("--name", help=f"A new name. {NAME_HELP}")] = None,
    kind: Annotated[AgentKind | None, typer.Option(help=KIND_HELP)] = None,
    region: Annotated[Stage | None, typer.Option(help=REGION_HELP)] = None,
) -> None:
    """Rename an agent, or change its kind or region."""
    run: Invocation = ctx.obj
    if new_name is None and kind is None and region is None:
        message = "say what to change: --name, --kind or --region"
        raise typer.BadParameter(message)
    tenant = run.change(agent_edits.update_agent(name, new_name=new_name, kind=kind, region=region))
    agent = agent_edits.agent_named(tenant, name if new_name is None else new_name)
    run.output.record(describe(agent))
    if region and agent.numbers:
        run.output.note("Its numbers still use the old region's URL at the provider; the new one: sms url")


@app.command()
def delete(ctx: typer.Context, name: Name) -> None:
    """Delete an agent and release its numbers."""
    run: Invocation = ctx.obj
    writing = run.writing()
    agent = agent_edits.agent_named(run.read(), name)
    run.confirm(f"Delete agent {name!r} and release its numbers ({len(agent.numbers)})?")
    writing.change(run.tenant_id, agent_edits.delete_agent(name))
    run.output.record({"deleted": name})


def describe(agent: Agent) -> Record:
    """An agent for the operator."""
    return {
        "name": agent.name,
        "kind": agent.kind.value,
        "region": agent.region,
        "takes_texts": agent.kind.takes_texts,
        "numbers": list(agent.numbers),
    }
