"""The command `sms`: its global options, its subjects, and what happens when one of them fails."""

import copy
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from cli import terminal
from cli.commands import (
    agent,
    audit,
    backend,
    credential,
    credential_rotate,
    doctor,
    local,
    number,
    number_check,
    number_connect,
    parked,
    provider,
    setup,
    tail,
    text,
    trace,
    twilio,
    twilio_rotate_token,
    url,
)
from cli.commands import (
    tenant as tenants,
)
from cli.context import CommandWorld, Invocation
from cli.hints import Hints
from cli.output import Output
from cli.version import version
from operations.stage.target import LOCAL_STACK_NOT_UP, UNREACHABLE, Stage, advice
from shared.errors import SmsReceiverError

_BEFORE_SUBCOMMANDS = {"install_completion", "show_completion", "_version"}
"""The options that make no sense with a subcommand."""


class Root(TyperGroup):
    """Takes its own options before and after the subcommand, and turns our errors into one sentence and exit code 1."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: object,
    ) -> object:
        """Runs the command; nothing that it prints goes past the gate."""
        terminal.install()
        options = [
            parameter
            for parameter in self.params
            if isinstance(parameter, TyperOption) and parameter.name not in _BEFORE_SUBCOMMANDS
        ]
        for command in _leaves(self):
            command.params += [_shown_only(option) for option in options]
        takes_value = {name: not option.is_flag for option in options for name in option.opts}
        own, others = hoist(sys.argv[1:] if args is None else args, takes_value)
        return super().main([*own, *others], prog_name, complete_var, standalone_mode, windows_expand_args, **extra)

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override] # Typer's own copy of Click's
        """Runs the subcommand."""
        try:
            return super().invoke(ctx)
        except SmsReceiverError as error:
            run: Invocation = ctx.obj  # `root` made it
            unreachable = LOCAL_STACK_NOT_UP if run.local else UNREACHABLE
            hint = advice(error.__cause__, unreachable=unreachable)
            run.output.error(f"{error}; {hint}" if hint else str(error))
            raise typer.Exit(1) from error


def hoist(args: Sequence[str], takes_value: Mapping[str, bool]) -> tuple[list[str], list[str]]:
    """Splits arguments into those of the options in `takes_value`, wherever they stand before a `--`, and the rest."""
    own: list[str] = []
    others: list[str] = []
    rest = iter(args)
    for argument in rest:
        name, equals, _ = argument.partition("=")
        if argument == "--":
            others += [argument, *rest]
        elif name not in takes_value:
            others.append(argument)
        elif equals or not takes_value[name]:
            own.append(argument)
        else:
            value = next(rest, None)
            if value is None:
                others.append(argument)  # where it stands, its value is missed
            else:
                own += [argument, value]
    return own, others


def _leaves(group: TyperGroup) -> Iterator[TyperCommand | TyperGroup]:
    """The commands that do something; one that has further ones below it may, too."""
    for command in group.commands.values():
        if isinstance(command, TyperGroup):
            yield from [command] if command.invoke_without_command else []
            yield from _leaves(command)
        elif isinstance(command, TyperCommand):
            yield command


def _shown_only(option: TyperOption) -> TyperOption:
    """A global option for a subcommand's help; its value is the root's business."""
    shown = copy.copy(option)
    shown.expose_value = False
    shown.rich_help_panel = "Global options"
    return shown


app = typer.Typer(
    cls=Root,
    help="Connects SMS numbers to agents that answer. Begin with: ./sms setup",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # it would show variables
)


def _show_version(asked: bool) -> None:
    if asked:
        terminal.screen().print(version())
        raise typer.Exit


@app.callback()
def root(  # noqa: PLR0913 -- the global options
    ctx: typer.Context,
    *,
    stage: Annotated[Stage, typer.Option(help="The stage, and so the AWS region, to work on.")] = "east",
    on_local: Annotated[bool, typer.Option("--local", help="Work on the local stack instead of AWS.")] = False,
    tenant: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="The tenant. What only looks, or works --local, finds the only one by itself.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """The global options may stand before and after the subcommand."""
    output = Output(as_json, Hints(stage, on_local, tenant))
    ctx.obj = Invocation(ctx.obj or CommandWorld(), stage, on_local, tenant, output, yes)


app.add_typer(setup.app)
number.app.add_typer(number_connect.app)
number.app.add_typer(number_check.app)
credential.app.add_typer(credential_rotate.app)
twilio.app.add_typer(twilio_rotate_token.app)
for _name, _subject in {
    "tenant": tenants.app,
    "credential": credential.app,
    "agent": agent.app,
    "backend": backend.app,
    "number": number.app,
    "provider": provider.app,
    "twilio": twilio.app,
    "parked": parked.app,
    "doctor": doctor.app,
}.items():
    app.add_typer(_subject, name=_name)
app.add_typer(url.app)
app.add_typer(tail.app)
app.add_typer(trace.app)
app.add_typer(audit.app)
app.add_typer(text.app)
app.add_typer(local.app, name="local")
