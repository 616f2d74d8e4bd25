"""`sms agent`: who answers the texts to a number."""

import shlex
from collections.abc import Mapping
from typing import Annotated

import typer

from cli.commands.backend import SIGNING_SHOWN_ONCE
from cli.context import Invocation
from cli.options.backends import takes_backends, with_passwords
from cli.output import Record
from operations import durations
from operations.numbers.pages import numbers_of
from operations.stage.names import Stage
from operations.tenants import agent_edits
from operations.tenants.agents import (
    AgentChange,
    change_agent,
    clone_agent,
    create_agent,
    delete_agent,
    new_agent_id,
    search_agents,
)
from operations.tenants.backends import BackendChanges
from operations.tenants.records import describe_agent
from shared.tenants.agent import FAILURE_REPLY, Agent, AgentKind

app = typer.Typer(help="Agents: who answers the texts to which numbers, and how.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The agent's name.")]
NAME_HELP = "Up to 64 characters, no other agent's."
KIND_HELP = (
    "How people reach it. sms: by text. voice+sms: by text, and by calls, which another system takes. voice: by calls "
    "only, so it takes no texts and no numbers here."
)
REGION_HELP = "The stage whose URL its numbers use."
_SESSIONS = "Sessions"

SessionTimeout = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        rich_help_panel=_SESSIONS,
        help="A text that comes this long after the previous one begins a new session. [3600]",
    ),
]
FailureReply = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help=f"What a person is told when no backend could answer. [{FAILURE_REPLY}]"),
]
AnswerWithin = Annotated[
    str | None,
    typer.Option(
        metavar="AGE",
        help="How long an answer may take that the backend promised for later, before the person gets the failure "
        "reply: 90s, 5m, 2h; 0s for any time. [5m]",
    ),
]
NoFailureReply = Annotated[bool, typer.Option("--no-failure-reply", help="Tell the person nothing then.")]
InitiateFromInbound = Annotated[
    bool,
    typer.Option(
        "--initiate-from-inbound", rich_help_panel=_SESSIONS, help="A person's text begins a session. [the default]"
    ),
]
NoInitiateFromInbound = Annotated[
    bool,
    typer.Option(
        "--no-initiate-from-inbound",
        rich_help_panel=_SESSIONS,
        help="Only programs begin sessions (sms session create), and a text outside of one is not answered.",
    ),
]
NotifyOnTimeout = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT",
        rich_help_panel=_SESSIONS,
        help="What a person is told when their session has timed out. [nothing]",
    ),
]
NoNotifyOnTimeout = Annotated[
    bool,
    typer.Option("--no-notify-on-timeout", rich_help_panel=_SESSIONS, help="Tell the person nothing then."),
]


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
    answer_within: AnswerWithin = None,
    initiate_from_inbound: InitiateFromInbound = False,
    no_initiate_from_inbound: NoInitiateFromInbound = False,
    notify_on_timeout: NotifyOnTimeout = None,
    no_notify_on_timeout: NoNotifyOnTimeout = False,
    backends: BackendChanges,
) -> None:
    """Make an agent. It gets numbers with: sms number assign.

    With --backend-user the password is asked for, and with --backend watson the API key; or they are read from standard
    input, a line each and nothing else.
    """
    run: Invocation = ctx.obj.changing()
    _check_either("failure-reply", failure_reply, none=no_failure_reply)
    _check_either("notify-on-timeout", notify_on_timeout, none=no_notify_on_timeout)
    new = Agent(id=new_agent_id(), name=name, kind=kind, stage=region or run.stage)
    change = AgentChange(
        session_seconds=session_timeout,
        failure_reply=failure_reply,
        no_failure_reply=no_failure_reply,
        answer_within_seconds=_seconds(answer_within),
        initiates_from_inbound=_chosen(yes=initiate_from_inbound, no=no_initiate_from_inbound),
        timeout_notice=notify_on_timeout,
        no_timeout_notice=no_notify_on_timeout,
    )
    backends = with_passwords(run, backends)
    agent = create_agent(run, new, change, backends)
    _show_changed(run, agent, backends)
    if agent.kind.takes_texts and not agent.backend:
        run.output.note(f"Nobody answers its texts yet; to try it out: sms agent update {name!r} --backend echo")


@app.command()
def clone(
    ctx: typer.Context,
    name: Name,
    new_name: Annotated[str, typer.Argument(metavar="NEW", help=f"The copy's name. {NAME_HELP}")],
) -> None:
    """Make an agent that is like another one: all its settings and backends, but none of its numbers.

    Requests to its backends are signed with secrets of its own, which are shown once.
    """
    run: Invocation = ctx.obj.changing()
    cloned = clone_agent(run, name, new_name)
    _show_with_secrets(run, cloned.agent, cloned.secrets)
    run.output.note(f"It has no numbers yet; give it some with: sms number assign --agent {shlex.quote(new_name)}")


@app.command("list")
def list_agents(
    ctx: typer.Context,
    search: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="Only agents with this in their name, in their backend's host, or in a number or its description.",
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="The most agents to list; without it, all.")] = None,
    after: Annotated[
        str | None, typer.Option(metavar="NAME", help="Go on after this agent, the last one of an earlier list.")
    ] = None,
) -> None:
    """List the tenant's agents by name."""
    run: Invocation = ctx.obj
    agents = search_agents(run, search, after=after)
    none = "There is no such agent." if search or after else "There is no agent yet; make one with: sms agent create"
    run.output.records([_row(agent) for agent in agents[:limit]], none=none)


@app.command()
def show(ctx: typer.Context, name: Name) -> None:
    """Show an agent; of its signing secrets only the last four characters. Its numbers: sms number list."""
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
    answer_within: AnswerWithin = None,
    initiate_from_inbound: InitiateFromInbound = False,
    no_initiate_from_inbound: NoInitiateFromInbound = False,
    notify_on_timeout: NotifyOnTimeout = None,
    no_notify_on_timeout: NoNotifyOnTimeout = False,
    backends: BackendChanges,
) -> None:
    """Rename an agent, or change its kind, region, backends or replies. What is not named stays.

    With --backend-user the password is asked for, and with --backend watson the API key; or they are read from standard
    input, a line each and nothing else.
    """
    run: Invocation = ctx.obj.changing()
    _check_either("failure-reply", failure_reply, none=no_failure_reply)
    _check_either("notify-on-timeout", notify_on_timeout, none=no_notify_on_timeout)
    change = AgentChange(
        name=new_name,
        kind=kind,
        stage=region,
        session_seconds=session_timeout,
        failure_reply=failure_reply,
        no_failure_reply=no_failure_reply,
        answer_within_seconds=_seconds(answer_within),
        initiates_from_inbound=_chosen(yes=initiate_from_inbound, no=no_initiate_from_inbound),
        timeout_notice=notify_on_timeout,
        no_timeout_notice=no_notify_on_timeout,
    )
    if not change.changes_anything and not backends.change_anything:
        message = "say what to change, such as --name, --region or --backend"
        raise typer.BadParameter(message)
    backends = with_passwords(run, backends)
    agent = change_agent(run, name, change, backends)
    _show_changed(run, agent, backends)
    if region and run.target.numbers_directory.page(run.tenant_id, agent.id, limit=1).items:
        run.output.note(
            "Its numbers still use the old region's URL at the provider; the new one: sms url; or connect them again, "
            "with: sms number connect"
        )


@app.command()
def delete(ctx: typer.Context, name: Name) -> None:
    """Delete an agent, release its numbers, and revoke its numbers' API key if no number is connected with it."""
    run: Invocation = ctx.obj.changing()
    administration = run.editing()
    agent = agent_edits.agent_named(run.read(), name)
    count = sum(1 for _ in numbers_of(run.target.numbers_directory, run.tenant_id, agent.id))
    run.confirm(f"Delete agent {name!r} and release its numbers ({count})?")
    deleted = delete_agent(run, administration, name)
    run.output.record({"deleted": name, "revoked": list(deleted.revoked), "connected": dict(deleted.connected)})
    for credential, connected in deleted.connected.items():
        run.output.warning(
            f"Numbers that are still connected with the key of {credential!r}: {connected}. Their texts are parked as "
            "no_agent until you connect the numbers to another agent, or disconnect them. When no number has the key "
            f"any more: sms credential revoke {shlex.quote(credential)}"
        )


def _row(agent: Agent) -> Record:
    columns = ("name", "kind", "region", "takes_texts", "backend", "second_backend")
    return {name: value for name, value in describe_agent(agent).items() if name in columns}


def _show_changed(run: Invocation, agent: Agent, backends: BackendChanges) -> None:
    _show_with_secrets(run, agent, backends.new_secrets(agent))


def _show_with_secrets(run: Invocation, agent: Agent, secrets: Mapping[str, str]) -> None:
    run.output.record({**describe_agent(agent), **secrets})
    if secrets:
        run.output.note(SIGNING_SHOWN_ONCE)


def _seconds(stretch: str | None) -> int | None:
    return None if stretch is None else int(durations.read(stretch).total_seconds())


def _chosen(*, yes: bool, no: bool) -> bool | None:
    """Which of the two was chosen; None for neither."""
    if yes and no:
        message = "give --initiate-from-inbound or --no-initiate-from-inbound, not both"
        raise typer.BadParameter(message)
    return yes if yes or no else None


def _check_either(option: str, text: str | None, *, none: bool) -> None:
    if none and text is not None:
        message = f"give --{option} or --no-{option}, not both"
        raise typer.BadParameter(message)
