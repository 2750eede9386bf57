"""Preflight: what can be refused within a second is refused before Prefect starts.

Each check raises `typer.BadParameter`, which ends the command with exit code 2, or `UserError`
where the fault is the machine's and not the command line's.
"""

import os
import re
import urllib.error
import urllib.request
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import typer

from flows.commands.garbage_collection import settle_imports
from flows.commands.prefect_server import serve_while_importing
from flows.errors import UserError, WrongUsage
from flows.paths import MANIFEST
from flows.redact import redact_url
from flows.refresh_options import RefreshOptions, Runner, name_release_folder
from schemas.vocabulary import Source, Way

DATASET = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.ASCII)
"""OWNER/NAME of a dataset; the Hub has the last word on what it takes."""

ON_THE_HUB = re.compile(r"(?:hf://(?:datasets/)?)?[\w.-]+/[\w.-]+@\S+")
"""A release on the Hub, by its revision: it is looked for when it is downloaded."""

KEPT_TAG = ", nor a tag that `open-papers releases` lists"
"""What else may name a release that is compared or verified."""

BY_DAY = (Source.DAILY_PAPERS, Source.PAPERS_PAGE, Source.ARXIV)
"""Sources that are asked for days; of the others somebody has to name the files."""

NO_SECRETS = (
    "Set OPEN_PAPERS_HEADERS to the header that the site takes instead, or fetch the file yourself "
    "and name it with --file."
)
"""The way out for who has to identify themselves to a site."""

ANSWER_SECONDS = 5.0
"""How long a Prefect server may take to answer: one on this machine takes milliseconds."""


def require_refresh_options(options: RefreshOptions) -> None:
    """Refuse contradictions, missing paths, and folders that cannot be read or written."""
    require_existing(options.inputs)
    require_hub_options(options)
    require_gate_names(options.allowed)
    require_release_target(options.release)
    require_writable_folder(options.interim, "--interim")
    if options.previous:
        require_release_place(options.previous)
    if options.index and not options.resolve_titles:
        raise typer.BadParameter("--index needs --resolve offline or --resolve online.")
    if options.resolve_titles is Way.OFFLINE and not options.index:
        raise typer.BadParameter(
            "--resolve offline needs --index FOLDER: make one with `open-papers index`."
        )
    if options.index:
        require_existing([options.index])
    if options.publish_to and not options.dry_run:
        require_hub_token()
    if options.scheduler and options.runner is not Runner.DASK:
        raise typer.BadParameter("--scheduler names a Dask cluster: add --runner dask.")
    if options.runner is Runner.DASK:
        from flows.runs.cluster import require_runner

        require_runner(options.runner, options.scheduler)


def require_known_inputs(options: RefreshOptions) -> None:
    """Refuse files that no source knows: raises `WrongUsage` with the name and form of each."""
    if options.skip_unknown:
        return
    from flows.parse.find_raw_files import require_known_files
    from flows.raw.raw_file import RefusedInput

    try:
        require_known_files(options.inputs, options.source)
    except RefusedInput as refusal:
        raise WrongUsage(str(refusal)) from None


def require_hub_options(options: RefreshOptions) -> None:
    """Refuse choices about the Hub that contradict each other, or say nothing without it."""
    if options.branch and options.create_pr:
        raise typer.BadParameter("Give --branch or --pr: a release is staged in one place.")
    chosen = {
        "--branch": options.branch,
        "--pr": options.create_pr,
        "--private": options.private,
        "--dry-run": options.dry_run,
    }
    idle = [name for name, value in chosen.items() if value]
    if idle and not options.publish_to:
        raise typer.BadParameter(f"{', '.join(idle)} needs --publish-to OWNER/NAME.")


def require_dataset_name(name: str | None) -> str | None:
    """Return the name of a dataset unchanged; refuse what cannot be one."""
    if name is not None and not DATASET.fullmatch(name):
        raise typer.BadParameter(
            f"{name!r} names no dataset: it must look like OWNER/NAME, as in me/open-papers."
        )
    return name


def require_release_name(folder: Path) -> Path:
    """Return a folder of a release by a path with its name; refuse one that has none."""
    try:
        return name_release_folder(folder)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def require_hub_token() -> None:
    """Refuse to begin work that ends with a publication for which there is no token."""
    from huggingface_hub import get_token

    if get_token() is None:
        raise typer.BadParameter(
            "Publishing needs a Hugging Face token with write access, and none was found. Log in "
            "with `hf auth login`, or set the environment variable HF_TOKEN."
        )


def require_gate_names(allowed: Collection[str]) -> None:
    """Refuse gates that do not exist, and those that nothing is said about."""
    if allowed:
        from schemas.gates import GATES

        names = sorted({gate.name for gate in GATES if gate.minimum is not None})
        # A gate with a reason that is misspelt would otherwise stop the run at its very end.
        if unknown := [name for name in allowed if name not in names]:
            raise typer.BadParameter(
                f"There is no gate {', '.join(unknown)}. There are: {', '.join(names)}."
            )


def require_existing(paths: Iterable[Path]) -> None:
    """Refuse inputs that are not there."""
    if missing := [str(path) for path in paths if not path.exists()]:
        raise typer.BadParameter(f"{', '.join(missing)}: there is no such file or folder.")


def require_release(folder: Path) -> Path:
    """Return a release's folder unchanged; refuse one that holds no release."""
    if not (folder / MANIFEST).is_file():
        raise typer.BadParameter(
            f"{folder} is not a release: it has no {MANIFEST}. "
            f"Make one with: open-papers refresh --release {folder}"
        )
    return folder


def require_release_target(folder: Path) -> None:
    """Refuse to write a release where something else is."""
    require_writable_folder(folder, "--release")
    require_no_others_folder(folder)


def require_no_others_folder(
    folder: Path, wanted: str = "an empty folder, or none that is there"
) -> None:
    """Refuse a folder that holds other things than a release; a missing folder is fine.

    ``wanted``: what somebody should name instead.
    """
    if folder.exists() and not folder.is_dir():
        raise typer.BadParameter(f"--release {folder} is a file, not a folder.")
    if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise typer.BadParameter(
            f"{folder} is not a release: it has no {MANIFEST}, and holds other files. Name "
            f"{wanted}, with --release."
        )


def require_release_place(place: str, *, may_be_tag: bool = False) -> None:
    """Refuse what names no release, neither here nor on the Hub.

    ``may_be_tag`` says that the tag of a kept release was looked for, too.
    """
    # Whether the Hub has it is known only by asking, which takes longer than a second.
    if not Path(place).exists() and ON_THE_HUB.fullmatch(place):
        return
    if not Path(place).is_dir():
        raise typer.BadParameter(
            f"{redact_url(place)} is neither the folder of a release nor OWNER/NAME@REVISION, as "
            f"in me/open-papers@2026.11.23{KEPT_TAG if may_be_tag else ''}. Check the name."
        )
    require_release(Path(place))


def require_writable_folder(folder: Path, option: str) -> None:
    """Refuse a folder that can neither be made nor written."""
    place = folder.absolute()
    # Folders are made on the way: the first ancestor that exists decides whether they can be.
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        raise typer.BadParameter(f"{option} {folder}: {place} is a file, not a folder.")
    if not os.access(place, os.W_OK | os.X_OK):
        raise typer.BadParameter(f"{option} {folder}: this user cannot write in {place}.")


def require_output_file(path: Path, *inputs: Path) -> Path:
    """Return the path of a file to write, its folder made; refuse one that cannot be written.

    ``inputs``: what is read, which would be overwritten.
    """
    if path.exists() and any(path.samefile(one) for one in inputs):
        raise typer.BadParameter(f"--out {path} is what is read: name another file.")
    if path.is_dir():
        raise typer.BadParameter(f"--out {path} is a folder: name a file.")
    require_writable_folder(path.parent, "--out")
    if path.exists() and not os.access(path, os.W_OK):
        raise typer.BadParameter(f"--out {path}: this user cannot write that file.")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def require_fetch_options(
    source: Source, first: date | None, last: date | None, urls: Collection[str], files: int
) -> None:
    """Refuse reversed days, whole files that are not named, and addresses with a password."""
    if first and last and first > last:
        raise typer.BadParameter(f"--since {first} is after --until {last}: give them in order.")
    today = datetime.now(UTC).date()
    if first and first > today:
        raise typer.BadParameter(f"{first} is yet to come: it is {today} (UTC). Name earlier days.")
    if source not in BY_DAY and not urls and not files:
        raise typer.BadParameter(
            f"{source} comes as whole files: say which, with --url URL or with --file FILE."
        )
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise typer.BadParameter(f"{redact_url(url)} is no address: it begins with https://.")
        # What is in an address ends up in logs and on Prefect's pages.
        if "@" in parts.netloc:
            raise typer.BadParameter(
                f"--url {redact_url(url)} was given with a user or a password, which logs would "
                f"keep. {NO_SECRETS}"
            )
        # Python reads an address without its line breaks, and Prefect keeps it with them.
        if redact_url(url) != urlsplit(url).geturl() or not url.isprintable():
            raise typer.BadParameter(
                f"--url {redact_url(url)} perhaps holds a secret, in what is left out here, which "
                f"logs would keep. {NO_SECRETS}"
            )


@contextmanager
def starting_prefect() -> Iterator[None]:
    """Show that Prefect is being imported, once it is known that it can start."""
    from flows.runs.progress import show_step

    require_prefect()
    with show_step("Start Prefect"), serve_while_importing():
        yield
    settle_imports()


def require_prefect() -> None:
    """Refuse to start where Prefect cannot: raises `UserError` with the remedy."""
    home = Path(os.environ.get("PREFECT_HOME", "~/.prefect")).expanduser()
    try:
        require_writable_folder(home, "PREFECT_HOME")
        # Prefect makes the last folder of the path and not those above it.
        home.mkdir(parents=True, exist_ok=True)
    except typer.BadParameter as error:
        raise UserError(
            f"{error.message} Prefect keeps its state there: name another folder in the "
            "environment variable PREFECT_HOME."
        ) from None
    if api := os.environ.get("PREFECT_API_URL"):
        require_answer(api)


def require_answer(api: str) -> None:
    """Raise `UserError` unless a Prefect server answers at its address."""
    # The server is asked as Prefect asks it, but a proxy has no business between us and this host.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    is_local = (urlsplit(api).hostname or "") in {"localhost", "127.0.0.1", "::1"}
    ask = opener.open if is_local else urllib.request.urlopen
    try:
        ask(f"{api.rstrip('/')}/health", timeout=ANSWER_SECONDS).close()
    except (urllib.error.URLError, OSError, ValueError) as error:
        if isinstance(error, urllib.error.HTTPError):
            return  # something answers: what it says is Prefect's affair
        raise UserError(
            f"No Prefect server answers at {redact_url(api)}, which PREFECT_API_URL names "
            f"({getattr(error, 'reason', error)}). Start one with `make ui`, or unset "
            "PREFECT_API_URL to run without one."
        ) from None
