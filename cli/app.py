"""The command `sms`: its global options, its subcommands, and what happens when one of them fails."""

import copy
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.exceptions import TyperException

from cli.commands import (
    agent,
    audit,
    backend,
    credential,
    credential_rotate,
    dashboard,
    doctor,
    events,
    import_ibm,
    local,
    number,
    number_check,
    number_connect,
    number_csv,
    optout,
    parked,
    provider,
    send,
    session,
    setup,
    tail,
    text,
    twilio,
    twilio_rotate_token,
    url,
    usage,
    waiting,
    why,
)
from cli.commands import (
    tenant as tenants,
)
from cli.context import CommandWorld, Invocation
from cli.output import Output
from cli.version import version
from operations.failure import explained
from operations.hints import Hints
from operations.stage.names import Stage
from shared.errors import SmsReceiverError
from terminal import gate

_BEFORE_SUBCOMMANDS = {"install_completion", "show_completion", "_version"}
"""The options that are not for subcommands."""
_PANELS_FROM = 80
"""Columns of the terminal. In fewer, the names of options do not fit into Typer's panels and are cut off."""


class Root(TyperGroup):
    """Accepts global options before and after the subcommand. Our errors become one sentence and exit code 1.

    With `--json` every error is JSON, too: also when the command was not understood.
    """

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: object,
    ) -> object:
        """Runs the command; all that it prints passes through the gate of terminal/gate.py."""
        gate.install()
        options = [
            parameter
            for parameter in self.params
            if isinstance(parameter, TyperOption) and parameter.name not in _BEFORE_SUBCOMMANDS
        ]
        for command in _leaves(self):
            command.params += [_for_help_only(option) for option in options]
        if gate.screen().width < _PANELS_FROM:
            for command in [self, *_all_commands(self)]:
                command.rich_markup_mode = None
        takes_value = {name: not option.is_flag for option in options for name in option.opts}
        global_args, other_args = hoist(sys.argv[1:] if args is None else args, takes_value)
        main, all_args = super().main, [*global_args, *other_args]

        def run(*, standalone: bool) -> object:
            return main(all_args, prog_name, complete_var, standalone, windows_expand_args, **extra)

        if standalone_mode and "--json" in global_args:
            sys.exit(self._exit_code_with_json_errors(lambda: run(standalone=False)))
        return run(standalone=standalone_mode)

    def _exit_code_with_json_errors(self, run: Callable[[], object]) -> int:
        for command in _all_commands(self):
            command.no_args_is_help = False  # a missing subcommand is an error then
        try:
            code = run()
        except TyperException as error:
            Output(as_json=True).error(error.format_message())
            return error.exit_code
        except typer.Abort:
            Output(as_json=True).error("stopped at a question, so nothing more was done")
            return 1
        return code if isinstance(code, int) else 0

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override] # Typer's own copy of Click's
        """The arguments of the subcommand. Raises BadParameter for what is not text in the locale's encoding."""
        if not all(map(gate.is_text, args)):
            message = (
                f"an argument is not text in this locale, whose encoding is {sys.getfilesystemencoding()}; "
                "set one with UTF-8, such as LC_ALL=C.UTF-8"
            )
            raise typer.BadParameter(message)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override] # Typer's own copy of Click's
        """Runs the subcommand."""
        try:
            return super().invoke(ctx)
        except SmsReceiverError as error:
            run: Invocation = ctx.obj  # `root` made it
            run.output.error(explained(run, error))
            raise typer.Exit(1) from error


def hoist(args: Sequence[str], takes_value: Mapping[str, bool]) -> tuple[list[str], list[str]]:
    """The arguments that belong to global options, and the others; both in order.

    Args:
        args: the arguments. Those after a `--` belong to no global option.
        takes_value: the names of the global options, such as `--stage`, and whether each needs a value.
    """
    global_args: list[str] = []
    other_args: list[str] = []
    rest = iter(args)
    for argument in rest:
        name, equals, _ = argument.partition("=")
        if argument == "--":
            other_args += [argument, *rest]
        elif name not in takes_value:
            other_args.append(argument)
        elif equals or not takes_value[name]:
            global_args.append(argument)
        else:
            value = next(rest, None)
            if value is None:
                other_args.append(argument)  # the parser reports the missing value
            else:
                global_args += [argument, value]
    return global_args, other_args


def _all_commands(group: TyperGroup) -> Iterator[TyperCommand | TyperGroup]:
    for command in group.commands.values():
        if isinstance(command, TyperGroup):
            yield command
            yield from _all_commands(command)
        elif isinstance(command, TyperCommand):
            yield command


def _leaves(group: TyperGroup) -> Iterator[TyperCommand | TyperGroup]:
    """The commands that do something: those without subcommands, and groups that can be called without one."""
    for command in _all_commands(group):
        if not isinstance(command, TyperGroup) or command.invoke_without_command:
            yield command


def _for_help_only(option: TyperOption) -> TyperOption:
    """A copy of a global option for a subcommand's help; its value is read by `root`."""
    for_help = copy.copy(option)
    for_help.expose_value = False
    for_help.rich_help_panel = "Global options"
    return for_help


app = typer.Typer(
    cls=Root,
    help="Connects SMS numbers to agents that answer. Begin with: ./sms setup",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # it would show variables
)


def _show_version(requested: bool) -> None:
    if requested:
        gate.screen().print(version())
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
            help="The tenant; not needed when there is only one.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Make changes without asking for confirmation.")] = False,
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
number.app.add_typer(number_csv.app)
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
    "session": session.app,
    "events": events.app,
    "optout": optout.app,
    "parked": parked.app,
    "doctor": doctor.app,
    "import": import_ibm.app,
}.items():
    app.add_typer(_subject, name=_name)
app.add_typer(url.app)
app.add_typer(tail.app)
app.add_typer(why.app)
app.add_typer(audit.app)
app.add_typer(text.app)
app.add_typer(send.app)
app.add_typer(waiting.app)
app.add_typer(usage.app)
app.add_typer(dashboard.app)
app.add_typer(local.app, name="local")
