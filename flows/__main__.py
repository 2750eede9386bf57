"""The command line. Flows are imported inside the handlers, so that --help answers at once."""

from flows.commands.early_stop import is_program, leave_signals, open_streams, stop_early

# Before anything else is imported: a signal may come meanwhile.
if is_program(__name__):
    stop_early()
    open_streams()

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from flows.commands import (
    evaluate,
    fetch,
    links,
    records,
    releases,
    routine,
    site,
    titles,
    topics,
    verify,
)
from flows.commands.garbage_collection import expect_imports
from flows.commands.messages import LOG_JSON, explain_setting_error, format_message
from flows.commands.options import refuse_empty_paths
from flows.commands.stop import stop_on_signals
from flows.errors import PANIC, UserError, explain_disk_error, explain_scarcity
from flows.redact import blank_unprintable, redact_text

STAYING = {"explore"}
"""Commands that somebody stops when they have seen enough: nothing is interrupted then."""


class OneMessage(TyperGroup):
    """A command group that answers an error with one message instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; exit with 1 when it refuses or fails, unless --debug is given."""
        try:
            with show_notices_at_end():
                return super().invoke(ctx)
        except TyperException as error:
            # What somebody typed or pasted is quoted: it may not act on the terminal.
            message = error.message.replace("Value error, ", "")  # words of pydantic's own
            error.message = blank_unprintable(redact_text(message), keep="\n")
            raise
        except (typer.Exit, typer.Abort, BrokenPipeError):
            # A reader that has seen enough, such as `head`, is no fault: typer ends in silence.
            raise
        except BaseException as error:
            is_ours = isinstance(error, Exception) or type(error).__name__ == PANIC
            if not is_ours or ctx.params["debug"]:
                raise
            typer.echo(format_message(describe_error(error)), err=True)
            raise typer.Exit(getattr(error, "exit_code", 1)) from None


@contextmanager
def show_notices_at_end() -> Iterator[None]:
    """Show at the end of a command what it met and no run has shown, before what ended it."""
    try:
        yield
    finally:
        # A command that did not import this met nothing, such as --help, which must answer at once.
        if "flows.runs.notices" in sys.modules:
            from flows.runs.progress import show_notices  # noqa: PLC0415  # see above

            show_notices()


def describe_error(error: BaseException) -> str:
    """Return an error as one message: its own if it is meant for users, else what to do."""
    if isinstance(error, UserError):
        return str(error)
    if refusal := explain_disk_error(error) or explain_scarcity(error):
        return str(refusal)
    if explanation := explain_setting_error(error, os.environ):
        return explanation
    kind = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"unexpected {kind}. Run again with `open-papers --debug ...` to see where."


app = typer.Typer(
    name="open-papers",
    cls=OneMessage,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 an input or a gate was refused, 2 wrong usage or a file of no "
    "source, 130 or 143 stopped.",
)


def print_version(is_asked: bool) -> None:  # noqa: FBT001  # typer calls it so
    """Print the version and end, if that was asked for."""
    if is_asked:
        from flows.version import read_own_version  # noqa: PLC0415  # --help must answer at once

        typer.echo(f"open-papers {read_own_version()}")
        raise typer.Exit


@app.callback()
def set_up(
    context: typer.Context,
    _: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=print_version, help="Show the version."),
    ] = False,
    *,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks and Prefect's log.")
    ] = False,
    log_json: Annotated[
        bool,
        typer.Option(
            "--log-json", envvar=LOG_JSON, help="Log to standard error, one line of JSON an event."
        ),
    ] = False,
) -> None:
    """Rebuild the open table of machine-learning papers, code and topics."""
    expect_imports()
    if log_json:
        os.environ[LOG_JSON] = "1"
    if not debug and (log_json or context.invoked_subcommand != "serve"):
        # Events still reach Prefect's page of the run: only the terminal is spared.
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    # Which command it is becomes known on the way here, and not before the group invokes it.
    if context.invoked_subcommand in STAYING:
        leave_signals()
    else:
        context.with_resource(stop_on_signals())


for module in (fetch, releases, routine, site, records, verify, links, evaluate, titles, topics):
    refuse_empty_paths(module.commands)
    app.add_typer(module.commands)


if __name__ == "__main__":
    # Also where it was started as a module, since messages say `open-papers`.
    app(prog_name="open-papers")
