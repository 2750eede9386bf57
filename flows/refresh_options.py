"""Refresh options: everything that may be chosen about a refresh, declared once.

The command line's options, the fields of Prefect's run form and the parameters of the routines
all follow from here.
"""

import os
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from flows.paths import ANSWERS, INTERIM, LINK_CHECKS, RAW, RELEASE
from schemas.vocabulary import Source, Way


class Runner(StrEnum):
    """Where the parts of a run are worked on."""

    THREADS = "threads"
    DASK = "dask"


RawFolder = Annotated[Path, Field(description="Folder of the raw files.")]

PATTERN = re.compile(r"[*?\[]")


def name_release_folder(folder: Path) -> Path:
    """Return a folder by a path with its name, beside which a run keeps what belongs to it.

    Raises `ValueError` for the root of the file system, which has no place beside it, and for a
    path that nobody could load a release from.

    >>> name_release_folder(Path(".")) == Path.cwd(), name_release_folder(Path("a/b"))
    (True, PosixPath('a/b'))
    """
    # `.` has no name, and `..` is the name of another folder.
    named = folder.absolute().resolve() if folder.name in {"", ".."} else folder
    if not named.name:
        raise ValueError(f"{folder} has no place beside it: name a folder within it.")
    if PATTERN.search(str(named.absolute())):
        raise ValueError(
            f"{folder}: `datasets` takes brackets, stars and question marks in a path for a "
            "pattern, so that nobody could load a release there. Name another folder."
        )
    try:
        str(named).encode()
    except UnicodeEncodeError:
        shown = os.fsencode(folder).decode("utf-8", "backslashreplace")
        raise ValueError(f"{shown}: its name is no UTF-8. Name another folder.") from None
    return named


ReleaseFolder = Annotated[
    Path,
    AfterValidator(name_release_folder),
    Field(description="Folder of the release; the one in it is the previous release."),
]
InterimFolder = Annotated[
    Path, Field(description="Folder for what a run makes on its way; may be deleted.")
]
AnswersFolder = Annotated[Path, Field(description="Folder that keeps what services answer.")]
LinkChecksFolder = Annotated[
    Path,
    Field(
        description="Folder of the link checks, a table a day: they say which repositories moved."
    ),
]
Dataset = Annotated[
    str | None,
    Field(description="OWNER/NAME of the dataset on the Hub; nothing is sent if none."),
]
PreviousRelease = Annotated[
    str | None,
    Field(
        description="The release before: a folder or OWNER/NAME@REVISION; the one in the release "
        "folder if none."
    ),
]
PartRunner = Annotated[
    Runner, Field(description="Where parts are worked on: threads here, or a Dask cluster.")
]
Scheduler = Annotated[
    str | None, Field(description="Address of a Dask scheduler; two processes here if none.")
]


class RefreshOptions(BaseModel):
    """What may be chosen about a refresh. Raises `pydantic.ValidationError` for anything else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    inputs: Annotated[list[Path], Field(description="Files and folders to read.")] = [RAW]
    release: ReleaseFolder = RELEASE
    interim: InterimFolder = INTERIM
    publish_to: Dataset = None
    source: Annotated[
        Source | None,
        Field(
            description="Read every input as of this source, whatever it looks like: see "
            "`open-papers sources`."
        ),
    ] = None
    previous: PreviousRelease = None
    allowed: Annotated[
        dict[str, str],
        Field(description="Gates that may fail, each with the reason; the card shows them."),
    ] = {}
    branch: Annotated[
        str | None, Field(description="Stage on this branch of the Hub, without a tag.")
    ] = None
    create_pr: Annotated[
        bool, Field(description="Stage as a pull request on the Hub, without a tag.")
    ] = False
    private: Annotated[
        bool, Field(description="Publish to a private repository or not at all.")
    ] = False
    dry_run: Annotated[
        bool, Field(description="Say what would change on the Hub; send nothing.")
    ] = False
    skip_unknown: Annotated[
        bool, Field(description="Leave out files that no source recognises instead of stopping.")
    ] = False
    strict: Annotated[bool, Field(description="Stop when anything at all is rejected.")] = False
    fresh: Annotated[
        bool,
        Field(
            description="Read and parse all files again, also those that an earlier run has parsed."
        ),
    ] = False
    resolve_titles: Annotated[
        Way | None,
        Field(description="Find ids by title: in an index alone, or then at services, too."),
    ] = None
    index: Annotated[
        Path | None, Field(description="Index of titles, made by `open-papers index`.")
    ] = None
    keep: Annotated[
        int,
        Field(ge=0, description="How many releases to keep by tag beside the release, to compare."),
    ] = 12
    runner: PartRunner = Runner.THREADS
    scheduler: Scheduler = None
    answers: AnswersFolder = ANSWERS
    link_checks: LinkChecksFolder = LINK_CHECKS

    @model_validator(mode="after")
    def _keep_folders_apart(self) -> Self:
        """Refuse a release and an interim folder of which one is in the other."""
        release, interim = self.release.resolve(), self.interim.resolve()
        if release.is_relative_to(interim) or interim.is_relative_to(release):
            raise ValueError(
                f"the release ({self.release}) and --interim ({self.interim}) are within each "
                "other: what a run leaves on its way may be deleted at any time, and a release "
                "holds no other files. Name two folders beside each other."
            )
        return self


def describe_wrong_options(error: ValidationError) -> str:
    """Return in a sentence what is wrong with options."""
    faults = error.errors(include_url=False)
    return "; ".join(
        ": ".join([*(f"--{part}".replace("_", "-") for part in fault["loc"][:1]), fault["msg"]])
        for fault in faults
    ).replace("Value error, ", "")


DEFAULTS = RefreshOptions()
"""What a refresh does when nothing is chosen."""
