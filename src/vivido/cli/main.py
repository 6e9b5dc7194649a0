"""Where the command line begins: which command runs, and how its errors read."""

from __future__ import annotations

import sys
from importlib import import_module, metadata
from typing import Any, Final

import click

from vivido.cli import console
from vivido.errors import DefinitionError, InvariantError, UsageError, VividoError

# What each does, for `vivido --help`. The module of that name is imported when it runs.
COMMANDS: Final = {
    "run": "Run a workflow to its end, with live progress.",
    "pause": "Let no new step begin: of one execution, a workflow, or all.",
    "resume": "Go on with an execution that was stopped or killed.",
    "list": "List executions, the newest first.",
    "show": "Show an execution: input, history, result.",
    "cancel": "Cancel an execution; what was done is undone.",
    "retry": "Try again what failed, and go on.",
    "skip": "Leave undone what failed, and go on.",
    "resolve": "Take what failed for done by hand, and go on.",
    "redrive": "Let an ended execution go on from where it failed.",
    "logs": "Show what a workflow and its steps have logged.",
    "repair": "Send again what an execution lacks to go on.",
    "prune": "Delete executions that ended long ago.",
    "check": "Compile and lint workflows; list everything that is wrong.",
    "test": "Simulate a workflow with mock data; under faults too.",
    "graph": "Draw a workflow: svg, mermaid, dot, or its definition as json.",
    "schema": "Print the JSON Schema of definitions.",
}
FAILED, WRONG_USE, WAITING = 1, 2, 3


class Commands(click.Group):
    """Imports a command when it is needed: none pays for another's libraries."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Name all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"vivido.cli.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:  # noqa: FBT001
    if asked:
        click.echo(f"vivido {metadata.version('vivido')}")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version,
    help="Print the version.",
)  # fmt: skip
@click.option("--debug", is_flag=True, help="Show tracebacks and debug logs.")
@click.pass_context
def cli(ctx: click.Context, *, debug: bool) -> None:
    """Durable workflows in plain Python, on this machine.

    Exit codes: 0 succeeded, 1 failed, 2 wrong use, 3 still waiting or stopped before its end.
    """
    ctx.obj = debug


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and end the process."""
    console.prepare()
    debug = "--debug" in (sys.argv[1:] if arguments is None else arguments)
    try:
        code: Any = cli.main(arguments, prog_name="vivido", standalone_mode=False)
    except console.CutShort as cut:
        console.end_now(cut.code)
    except Exception as error:
        if debug and not isinstance(error, click.ClickException):
            raise
        code = explained(error)
    except KeyboardInterrupt:
        code = WAITING
    _end(code if isinstance(code, int) else 0)


def explained(error: Exception) -> int:
    """Say on standard error what went wrong and what to do; returns the exit code."""
    match error:
        case click.ClickException():
            context = error.ctx if isinstance(error, click.UsageError) else None
            command = "vivido" if context is None else context.command_path
            console.complain(f"{error.format_message()} See `{command} --help`.")
            return WRONG_USE
        case click.exceptions.Exit():
            return error.exit_code
        case click.Abort():
            return WAITING
        case BrokenPipeError():  # `vivido list | head`: its reader has had enough
            console.drop_output()
            return 0
        case DefinitionError() | UsageError():
            console.complain(str(error))
            return WRONG_USE
        case InvariantError():
            console.complain(f"a bug of Vivido, not yours: {error}")
        case VividoError():
            console.complain(str(error))
        case OSError(filename=str(name), strerror=str(why)):
            console.complain(f"{name!r} cannot be used: {why}")
        case _:
            console.complain(
                f"a bug of Vivido, not yours: {type(error).__name__}: {error}"
                " (run it with `vivido --debug …` and report the traceback)"
            )
    return FAILED


def _end(code: int) -> None:
    """End the process; a pipe that was closed meanwhile is no error."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        console.drop_output()
    sys.exit(code)
