"""Options of the command line, with the texts and defaults of `RefreshOptions`."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from typer.core import TyperCommand

from flows.commands.preflight import require_dataset_name, require_release_name
from flows.paths import DATA, RAW, RELEASE
from flows.refresh_options import RefreshOptions

PLACES = {"previous", "place", "earlier", "later"}
"""Parameters whose value may be a folder, or a release elsewhere."""

FLAGS = {"create_pr": "--pr", "resolve_titles": "--resolve"}
"""Options that the command line calls otherwise than the field."""

METAVARS = {
    "publish_to": "OWNER/NAME",
    "branch": "NAME",
    "previous": "PLACE",
    "source": "SOURCE",
    "scheduler": "ADDRESS",
}

SHOWN_OTHERWISE = ("inputs", "allowed")
"""Fields that a command takes in its own way: as arguments, or as pairs of options."""

MAKE, USE = "Make and publish a release", "Look at a release"
CHECK, IMPROVE = "Check a release", "Improve the next one"
"""Groups of commands in the help."""

CALLBACKS: Mapping[str, Callable[[Any], Any]] = {
    "publish_to": require_dataset_name,
    "release": require_release_name,
}
"""What looks at the value of a field as soon as it was typed."""


def describe_option(field: str, *flags: str, **settings: Any) -> Any:
    """Make the option of a field of `RefreshOptions`: its text is the field's description.

    >>> describe_option("branch").help
    'Stage on this branch of the Hub, without a tag.'
    """
    info = RefreshOptions.model_fields[field]
    # A flag with its name spelled out has no opposite: --no-pr would only lengthen the help.
    is_flag = isinstance(info.default, bool)
    names = flags or ((FLAGS.get(field, f"--{field.replace('_', '-')}"),) if is_flag else ())
    names = names or ((FLAGS[field],) if field in FLAGS else ())
    # typer prints a default as it is: an absolute path would break narrow help into pieces.
    is_folder = isinstance(info.default, Path) or field == "index"
    shown = show_path(info.default) if isinstance(info.default, Path) else bool(info.default)
    return typer.Option(
        *names,
        help=info.description,
        metavar=METAVARS.get(field),
        callback=CALLBACKS.get(field),
        file_okay=not is_folder,
        show_default=shown,
        **settings,
    )


class PathCommand(TyperCommand):
    """A command that refuses an empty path, as of a variable of the shell that is not set."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what was typed. Raises `typer.BadParameter` where a path of it is empty."""
        # As a `Path` it would be the current folder: only what was typed tells the two apart.
        typed, _, _ = self.make_parser(ctx).parse_args(list(args))
        parameters: Sequence[Any] = self.params
        for parameter in parameters:
            value = typed.get(parameter.name or "")
            is_empty = "" in value if isinstance(value, list | tuple) else value == ""
            if is_empty and has_path(parameter):
                raise typer.BadParameter(
                    "it is empty, and no path: write . for the current folder.",
                    ctx=ctx,
                    param=parameter,
                )
        return super().parse_args(ctx, args)


def has_path(parameter: Any) -> bool:
    """Return whether the value of a parameter, or each of its values, may be a path."""
    annotation = parameter.type_descriptor.annotation
    return Path in (annotation, *get_args(annotation)) or parameter.name in PLACES


def refuse_empty_paths(commands: typer.Typer) -> None:
    """Let each command, also of groups, refuse paths that are empty."""
    for command in commands.registered_commands:
        command.cls = PathCommand
    for group in commands.registered_groups:
        if group.typer_instance is not None:
            refuse_empty_paths(group.typer_instance)


def show_path(path: Path) -> str:
    """Write a default folder as one would type it in the project, which fits narrow terminals.

    >>> show_path(DATA / "release")
    'data/release'
    """
    return str(path.relative_to(DATA.parent)) if path.is_relative_to(DATA) else str(path)


def describe_folder(default: Path) -> dict[str, Any]:
    """Return the settings of an option for a folder, whose default is shown as one would type it.

    >>> describe_folder(DATA / "site")
    {'file_okay': False, 'show_default': 'data/site'}
    """
    return {"file_okay": False, "show_default": show_path(default)}


def take_refresh_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each field of `RefreshOptions`.

    Its own parameters come first; those of the fields reach it as the keyword ``choices``, a
    mapping by field.
    """
    own = [
        parameter
        for parameter in inspect.signature(command).parameters.values()
        if parameter.name != "choices"
    ]
    derived = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=info.default,
            annotation=Annotated[info.annotation, describe_option(name)],
        )
        for name, info in RefreshOptions.model_fields.items()
        if name not in SHOWN_OTHERWISE
    ]

    @wraps(command)
    def run(**values: Any) -> None:
        choices = {parameter.name: values.pop(parameter.name) for parameter in derived}
        command(**values, choices=choices)

    # typer reads what a command takes from its signature, and types from its annotations.
    vars(run)["__signature__"] = inspect.Signature([*own, *derived])
    run.__annotations__ = {
        parameter_.name: parameter_.annotation for parameter_ in [*own, *derived]
    }
    # With it, inspect would follow the wrapped function and see its signature instead.
    del vars(run)["__wrapped__"]
    return run


Release = Annotated[Path, describe_option("release")]
ReadRelease = Annotated[
    Path,
    typer.Option(
        "--release",
        help="Folder of the release.",
        callback=require_release_name,
        **describe_folder(RELEASE),
    ),
]
"""The option of commands that write no release."""

Raw = Annotated[Path, typer.Option(help="Folder of the raw files.", **describe_folder(RAW))]
Interim = Annotated[Path, describe_option("interim")]
Answers = Annotated[Path, describe_option("answers")]
LinkChecks = Annotated[Path, describe_option("link_checks")]
PublishTo = Annotated[str | None, describe_option("publish_to")]
Previous = Annotated[str | None, describe_option("previous")]
Branch = Annotated[str | None, describe_option("branch")]
PullRequest = Annotated[bool, describe_option("create_pr")]
Private = Annotated[bool, describe_option("private")]
DryRun = Annotated[bool, describe_option("dry_run")]
Repo = Annotated[
    str,
    typer.Argument(
        metavar="OWNER/NAME", help="Dataset repository on the Hub.", callback=require_dataset_name
    ),
]
