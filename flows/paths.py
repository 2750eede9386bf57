"""Paths: the project's folders, and the files that the steps of a run leave for each other."""

import re
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
"""The folder that holds ``flows/`` and ``schemas/``."""

IS_CHECKOUT = (PROJECT / "pyproject.toml").is_file()
"""Whether the code runs where it is developed; else it was installed as a package."""

SHIPPED = PROJECT if IS_CHECKOUT else Path(__file__).resolve().parent / "shipped"
"""The folder of what comes with the code: curated tables, weights, ``dataset_card.md``."""

DATA = (PROJECT if IS_CHECKOUT else Path.cwd()) / "data"
"""Where runs read and write unless folders are named: an installed command works where it is
called."""

RAW = DATA / "raw"
"""Files as the sources' sites gave them: what is read when no input is named."""

RELEASE = DATA / "release"
"""The release that consumers load; runs replace it as a whole."""

INTERIM = DATA / "interim"
"""What runs make on their way: see `RunFolder`. It may be deleted at any time."""

ANSWERS = DATA / "answers"
"""What services answered about titles, by URL and day: a release made with it repeats from it."""

LINK_CHECKS = DATA / "link_checks"
"""What links answered, a file per day: see ``open-papers check-links``."""

CURATION = SHIPPED / "data" / "curation"
"""Tables that people edit: topics, judgements, removals."""

TOPIC_MODEL = SHIPPED / "data" / "models" / "topics"
"""Weights of the topic labeller."""

ACCURACY = SHIPPED / "data" / "accuracy.csv"
"""Headline figures of the evaluation, which the card quotes."""

MANIFEST = "manifest.json"
"""The file that makes a folder a release: what it was made from, and the hash of each file."""

CARD_TEMPLATE = SHIPPED / "dataset_card.md"
"""The card's prose; its blocks are filled from the tables of a release."""


TAG = re.compile(r"(\d{4})\.(\d{2})\.(\d{2})(?:\.(\d+))?")
"""A day as tags have it, ``2026.11.29``, and ``.1`` and so on for the next ones of that day."""


def name_kept_folder(release: Path) -> Path:
    """Name the folder beside a release in which its former states are kept.

    >>> name_kept_folder(Path("data/release")).as_posix(), name_kept_folder(Path("a/of-may")).name
    ('data/releases', 'of-may.releases')
    """
    # Two releases in one folder would delete each other's.
    is_usual = release.name == "release"
    return release.with_name("releases" if is_usual else f"{release.name}.releases")


def expand_tag(place: str, release: Path) -> str:
    """Return the folder of a kept release that is named by its tag; any other place as it is."""
    folder = name_kept_folder(release) / place
    return str(folder) if TAG.fullmatch(place) and (folder / MANIFEST).is_file() else place


@dataclass(frozen=True)
class StepFolder:
    """What one step of a run leaves for the next: a Parquet file per table, or a folder of parts.

    >>> StepFolder(Path("data/interim/merged")).near_misses.as_posix()
    'data/interim/merged/near_misses.parquet'
    """

    folder: Path

    def table(self, name: str) -> Path:
        """Name the file of a table."""
        return self.folder / f"{name}.parquet"

    @property
    def papers(self) -> Path:
        """`Paper`, in the folders ``merged``, ``validated`` and ``enriched``: parts by id."""
        return self.table("papers")

    @property
    def origins(self) -> Path:
        """`Origin`, likewise: in each part the records of the papers in the part of its name."""
        return self.table("origins")

    @property
    def aliases(self) -> Path:
        """`Alias`, in the same folders, a file."""
        return self.table("aliases")

    @property
    def rejections(self) -> Path:
        """`Rejection`, likewise; in ``merged`` only those of records that had to be removed."""
        return self.table("rejections")

    @property
    def resolutions(self) -> Path:
        """`Resolution`, likewise, and in ``resolved``."""
        return self.table("resolutions")

    @property
    def links(self) -> Path:
        """`Link`, in ``enriched``."""
        return self.table("links")

    @property
    def topics(self) -> Path:
        """`TopicLabel`, in ``enriched``."""
        return self.table("topics")

    @property
    def records(self) -> Path:
        """`Record`, in ``merged``: parts with every record of the run and the release before."""
        return self.table("records")

    @property
    def near_misses(self) -> Path:
        """`NearMiss`, in ``merged``, for people who judge pairs."""
        return self.table("near_misses")

    @property
    def match_reports(self) -> Path:
        """`MatchReport`, in ``merged``, for people as well."""
        return self.table("match_reports")


@dataclass(frozen=True)
class RunFolder:
    """What the steps of a run leave, a folder per step, below one that may be deleted.

    >>> RunFolder(Path("data/interim")).merged.papers.as_posix()
    'data/interim/merged/papers.parquet'
    """

    folder: Path

    @property
    def parsed(self) -> Path:
        """A folder per raw file, named by its content and the version of its parser."""
        return self.folder / "parsed"

    @property
    def raw_hashes(self) -> Path:
        """The sha256 of raw files, for the next run."""
        return self.folder / "raw_hashes.json"

    @property
    def resolved(self) -> StepFolder:
        """The identifiers that titles led to."""
        return StepFolder(self.folder / "resolved")

    @property
    def merged(self) -> StepFolder:
        """Papers and where they come from, as deduplication gave them."""
        return StepFolder(self.folder / "merged")

    @property
    def validated(self) -> StepFolder:
        """The rows that their table allows, and the rejections of the others."""
        return StepFolder(self.folder / "validated")

    @property
    def enriched(self) -> StepFolder:
        """All tables of the release, links and topics among them."""
        return StepFolder(self.folder / "enriched")

    @property
    def downloads(self) -> Path:
        """Releases that were fetched from the Hub, once per commit."""
        return self.folder / "hub"

    @property
    def previous(self) -> Path:
        """The previous release, if its folder was named: it is deleted when the run ends.

        Hidden, so that no folder of a user has this name by chance.
        """
        return self.folder / ".held-previous"

    @property
    def dry_run(self) -> Path:
        """The release of a dry run, which is deleted when the run ends."""
        return self.folder / "dry_run" / "release"

    @property
    def rebuilt(self) -> Path:
        """The release that a monthly run makes again from all raw files."""
        return self.folder / "rebuilt"
