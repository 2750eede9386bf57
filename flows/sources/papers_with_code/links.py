"""The dump of links between papers and code, as JSON or as CSV: one row per paper and repo."""

import csv
from collections import deque
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from flows.errors import count_noun
from flows.raw.json_cutter import Complaint, cut_lines
from flows.raw.json_stream import KnownFields
from flows.sources.shared.json_fields import get_flag, get_text, wrap_url
from flows.sources.shared.row_batches import Row
from schemas.vocabulary import Reason

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
        "title": get_text(values, "paper_title"),
        "arxiv_id": get_text(values, "paper_arxiv_id"),
        "urls": wrap_url(":".join(["repo_url", *flags]), get_text(values, "repo_url")),
    }


RETRY_CHARACTERS = 1 << 26
"""Characters that are read again after broken rows, in all."""


DELIMITERS = (",", ";", "\t")


def find_delimiter(head: bytes) -> str:
    r"""Find what is between the cells of a table: spreadsheets write more than commas.

    >>> find_delimiter(b"paper_url;repo_url\n"), find_delimiter(b"paper_url\trepo_url,x\n")
    (';', '\t')
    """
    header = head.partition(b"\n")[0].decode("utf-8", "replace")
    at = header.find("paper_url") + len("paper_url")
    after = header[at : at + 2].lstrip('"')[:1]
    return after if after in DELIMITERS else ","


def read_link_table(
    stream: BinaryIO, delimiter: str = ","
) -> Iterator[tuple[int, dict[str, object]] | Complaint]:
    """Yield the rows of a CSV file by the line on which they begin, and what is no row.

    A quoted field may hold line breaks; one that is never closed ends at the bound of a field.
    """
    feed = _NumberedLines(stream)
    reader = csv.reader(feed, strict=True, delimiter=delimiter)
    header: list[str] | None = None
    while True:
        start = feed.mark_row()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            detail = f"is not CSV: {error}"
            excerpt = shorten_row(feed.first.replace(delimiter, ","))
            yield Complaint(start, Reason.MALFORMED, detail, excerpt)
            feed.go_back()
            reader = csv.reader(feed, strict=True, delimiter=delimiter)
            continue
        yield from feed.take_complaints()
        if cells is None:
            return
        if header is None:
            header = [_replace_undecodable(name.strip()) for name in cells]
            if count := _count_glued_names(header):
                header = [*header[: count - 1], _find_name(header[count - 1])]
                yield Complaint(start, Reason.MALFORMED, "is behind the header, in its line", "")
        elif cells:
            row = _build_row(start, header, cells)
            if feed.has_whole_rows(len(header), delimiter):
                detail = "a quoted field holds whole rows: its quote is closed in a later one"
                excerpt = shorten_row(feed.first.replace(delimiter, ","))
                row = Complaint(start, Reason.MALFORMED, detail, excerpt)
            yield row
            yield from _list_glued_rows(start, header, cells)
            # A quote that ends lines later made one row of many: they are read once more.
            if isinstance(row, Complaint):
                feed.go_back()


def _list_glued_rows(start: int, header: list[str], cells: list[str]) -> Iterator[Complaint]:
    """Yield a complaint for the row that is in the line of another, as that line has no end."""
    # The last cell of the one and the first of the other are one cell.
    if len(cells) == 2 * len(header) - 1:
        detail = "is behind another row, whose line does not end"
        rest = shorten_row(",".join(cells[len(header) - 1 :]))
        yield Complaint(start, Reason.MALFORMED, detail, rest)


def _count_glued_names(cells: list[str]) -> int:
    """Count the names of a header whose line goes on with the first row; 0 where it does not.

    >>> _count_glued_names(["paper_url", "repo_urlhttps://a.org", "https://b.org"])
    2
    >>> _count_glued_names(["paper_url", "repo_url", "repo_url_2"])
    0
    """
    count = (len(cells) + 1) // 2 or 1
    name = cells[count - 1] if cells else ""
    is_glued = len(cells) == 2 * count - 1 > 1 and name not in KNOWN and bool(_find_name(name))
    return count if is_glued else 0


def _find_name(cell: str) -> str:
    """Find the longest name of a column with which a cell begins; empty where it has none."""
    return max((name for name in KNOWN if cell.startswith(name)), key=len)


def _build_row(
    start: int, header: list[str], cells: list[str]
) -> tuple[int, dict[str, object]] | Complaint:
    joined = ",".join(cells)
    excerpt = shorten_row(joined)
    if cells == header:
        return Complaint(start, Reason.NOT_A_PAPER, "is the header once more", excerpt)
    if len(cells) != len(header):
        detail = f"has {count_noun(len(cells), 'field')} where the header has {len(header)}"
        return Complaint(start, Reason.MALFORMED, detail, excerpt)
    if _replace_undecodable(joined) != joined:
        return Complaint(start, Reason.ENCODING, "is not UTF-8", excerpt)
    return start, dict(zip(header, (cell or None for cell in cells), strict=True))


def shorten_row(row: str) -> str:
    """Return the beginning of a row for an excerpt: accounts of people stand in its later cells."""
    return ",".join(_replace_undecodable(row).split(",")[:3])


def _replace_undecodable(text: str) -> str:
    """Write the bytes that are no text as replacement characters."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class _NumberedLines:
    """The lines of a stream for the CSV reader, numbered, of bounded length.

    Where the files of a CSV were glued together, the header of one stands at the end of the last
    line of another: the two are told apart, and keep one number.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._lines = self._decode_lines(stream)
        self._complaints: list[Complaint] = []
        self._header = ""
        self._row: list[str] = []
        self._again: deque[str] = deque()
        self._read_again = 0
        self.line = 0
        self.last = ""

    def __iter__(self) -> "_NumberedLines":
        return self

    @property
    def next_line(self) -> int:
        """Number of the line that is read next."""
        return self.line if self._has_header_left() else self.line + 1

    def _has_header_left(self) -> bool:
        return len(self.last) > len(self._header) > 0 and self.last.endswith(self._header)

    def __next__(self) -> str:
        # The header of the next file is glued to the last line of this one.
        if self._has_header_left():
            self.last = self._header
            return self.last
        self.last = self._again.popleft() if self._again else next(self._lines)
        self.line += 1
        self._row.append(self.last)
        self._header = self._header or self.last
        return self.last.removesuffix(self._header) or self.last

    @property
    def first(self) -> str:
        """The first line of the row."""
        return self._row[0] if self._row else self.last

    def mark_row(self) -> int:
        """Begin a row; return the number of its first line."""
        self._row = []
        return self.next_line

    def has_whole_rows(self, fields: int, delimiter: str) -> bool:
        """Return whether each line inside the row has as many fields as a row."""
        inside = self._row[1:-1]
        return bool(inside) and all(line.count(delimiter) == fields - 1 for line in inside)

    def go_back(self) -> None:
        """Read the lines of a row again, but for its first; a hostile file is not read for ever."""
        lines = self._row[1:]
        self._read_again += sum(map(len, lines))
        if lines and self._read_again <= RETRY_CHARACTERS:
            self._again.extendleft(reversed(lines))
            self.line -= len(lines)
            self.last = self._row[0]

    def take_complaints(self) -> list[Complaint]:
        """Return, and forget, what was no line at all."""
        complaints, self._complaints = self._complaints, []
        return complaints

    def _decode_lines(self, stream: BinaryIO) -> Iterator[str]:
        for slice_ in cut_lines(stream):
            self._complaints += slice_.complaints
            self.line += len(slice_.complaints)
            for line in slice_.content.removesuffix(b"\n").split(b"\n") if slice_.content else ():
                yield line.decode("utf-8", "surrogateescape") + "\n"
