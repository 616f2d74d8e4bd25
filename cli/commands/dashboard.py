"""`sms dashboard`: the operator's page, in a browser on this computer."""

from typing import Annotated

import typer

from cli.context import Invocation

app = typer.Typer()


@app.command()
def dashboard(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port on 127.0.0.1; 0 for any that is free.")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Whether to open it in the browser.")] = True,
) -> None:
    """Show the operator's page in a browser on this computer, until Ctrl-C.

    It works with your AWS credentials and rights, as this command does, and what it changes is in the same audit log.
    Its URL has a key: whoever has it can do what you can, as long as this command runs.
    """
    run: Invocation = ctx.obj
    from dashboard.server import serving  # noqa: PLC0415 - Flask would slow every other command down

    with serving(run, port) as page:
        run.output.record({"url": page.url})
        run.output.note("Ctrl-C ends it.")
        if browser:
            run.world.open_browser(page.url)
        run.world.until_interrupted()
