"""The dump of links between papers and code, as JSON or as CSV: one row per paper and repo."""

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from flows.raw.csv_lines import split_first_line
from flows.raw.csv_rows import DELIMITERS, CsvForm, CsvRow, read_csv_rows, split_header
from flows.raw.json_stream import KnownFields
from flows.sources.shared.json_fields import get_flag, get_text, get_title, wrap_url
from flows.sources.shared.row_batches import Row

FLAGS = ("is_official", "mentioned_in_paper", "mentioned_in_github")
"""What the site says about a repository. What is true of it follows the field's name, as in
``repo_url:is_official:mentioned_in_paper``."""

READ = ("paper_url", "paper_title", "paper_arxiv_id", "repo_url", *FLAGS)
IGNORED = (
    *("framework", "paper_url_abs", "paper_url_pdf"),
    *("readmeUrl", "requirementsUrl", "requirementsLastCommitDate", "mostProminentLanguage"),
    *("stars", "lastCommitDate"),
    "contributors",
    *("", "Unnamed: 0"),
)
"""The framework and the state of a repository, the paper's own pages (made from its id), and the
accounts of people; numbers of rows, which programs put before tables."""

KNOWN: KnownFields = dict.fromkeys((*READ, *IGNORED))


def read_link_row(position: int, values: Mapping[str, object]) -> Row:
    """Map one row of the dump to columns of `Record`. Raises `Unreadable` for a wrong type."""
    flags = [name for name in FLAGS if get_flag(values, name)]
    return {
        "line": position,
        "source_id": get_text(values, "paper_url"),
        "title": get_title(values, "paper_title"),
        "arxiv_id": get_text(values, "paper_arxiv_id"),
        "urls": wrap_url(":".join(["repo_url", *flags]), get_text(values, "repo_url")),
    }


def find_delimiter(head: bytes) -> str:
    r"""Find what is between the cells of a table: spreadsheets write more than commas.

    >>> find_delimiter(b"paper_url;repo_url\n"), find_delimiter(b"paper_url\trepo_url,x\n")
    (';', '\t')
    """
    header = split_first_line(head)[0].decode("utf-8", "replace")
    return max(DELIMITERS, key=lambda mark: len(KNOWN.keys() & set(split_header(header, mark))))


def read_link_table(stream: BinaryIO, delimiter: str = ",") -> Iterator[CsvRow]:
    """Yield the rows of a CSV file by the line on which they begin, and what is no row."""

    def holds_rows(lines: Sequence[str], cells: int) -> bool:
        # No cell of a link breaks its line; the last one is that of the cells behind the quote.
        return len(lines) > 1 and all(line.count(delimiter) == cells - 1 for line in lines[:-1])

    yield from read_csv_rows(stream, CsvForm(delimiter, KNOWN, holds_rows))
