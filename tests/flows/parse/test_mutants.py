"""Whatever a file holds, it is read, refused by name or of no source: nothing else is raised."""

import time
from pathlib import Path

import pytest

from flows.hashing import hash_file
from flows.parse.find_raw_files import UnknownFile, recognise_members
from flows.parse.parse_file import parse_file
from flows.raw.discovery import InputFile
from flows.raw.raw_file import RefusedInput
from schemas.vocabulary import Source
from tests.mutations import list_mutants

FAULT = "fails on it"
"""What is said of a file on which a reader itself fails: never of one that is merely broken."""


def read_mutant(folder: Path, content: bytes, source: Source | None) -> list[str]:
    """Recognise and parse a content as the pipeline does; return what was said of it."""
    path = folder / "mutant"
    path.write_bytes(content)
    remarks = []
    for number, raw in enumerate(recognise_members(InputFile(path, hash_file(path)), source)):
        if isinstance(raw, UnknownFile):
            remarks.append(raw.reason)
            continue
        try:
            remarks += parse_file(raw, folder / f"parsed-{number}").notes
        except RefusedInput as refusal:
            remarks.append(str(refusal))
    return remarks


@pytest.mark.parametrize("source", [None, *Source])
def test_mutants_are_read_or_refused_in_time(tmp_path: Path, source: Source | None) -> None:
    for number, (name, content) in enumerate(list_mutants(25, seed=1)):
        folder = tmp_path / str(number)
        folder.mkdir()
        started = time.process_time()
        remarks = read_mutant(folder, content, source)
        assert not [each for each in remarks if FAULT in each], name
        assert time.process_time() - started < 5, name
