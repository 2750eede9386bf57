"""Parse, as tasks: raw files are found and recognised, then each is read into parts."""

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.parse.find_raw_files import FoundFiles, recognise_files
from flows.parse.parse_file import load_parsed, make_empty_parse, name_parse, parse_file
from flows.paths import RunFolder
from flows.raw.noted_hashes import NotedHashes
from flows.raw.parsed import Parsed
from flows.raw.raw_file import RawFile, RefusedInput
from flows.runs.progress import watch_task
from schemas.vocabulary import Source

logger = logging.getLogger(__name__)


@watch_task
@task(
    name="Find raw files", task_run_name="Find and recognise the raw files", cache_policy=NO_CACHE
)
def find_raw_files(
    inputs: Sequence[Path],
    interim: Path,
    *,
    source: Source | None = None,
    skip_unknown: bool = False,
    fresh: bool = False,
) -> FoundFiles:
    """Find the raw files in files and folders: see `recognise_files`.

    Files that did not change since the last run are not read again; where all is to be made
    ``fresh``, they are.
    """
    place = RunFolder(interim).raw_hashes
    if fresh:
        place.unlink(missing_ok=True)
    noted = NotedHashes(place)
    files = recognise_files(
        inputs, source=source, skip_unknown=skip_unknown, read_hash=noted.hash_file
    )
    noted.write()
    return files


@watch_task
@task(
    name="Parse",
    task_run_name="Parse {raw.path.name} ({raw.source})",
    cache_policy=NO_CACHE,
)
def parse(
    raw: RawFile, interim: Path, *, fresh: bool = False, skip_refused: bool = False
) -> Parsed:
    """Parse one raw file, unless this very file was parsed by this very parser before.

    Raises `RefusedInput` when nothing in the file can be read; with ``skip_refused`` the file is
    left out instead, with a note that names it and the reason.
    """
    folder = RunFolder(interim).parsed / name_parse(raw)
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    try:
        parsed = load_parsed(folder) or parse_file(raw, folder)
    except RefusedInput as refusal:
        if not skip_refused:
            raise
        logger.warning("left out %s", refusal)
        parsed = make_empty_parse(raw, folder, refusal)
    about = {"source": raw.source.value, "file": raw.path.name, "records": parsed.records}
    logger.info(
        "parsed %s: %d records, %d rejections",
        raw.path.name,
        parsed.records,
        parsed.rejections,
        extra={**about, "rejections": parsed.rejections},
    )
    return parsed
