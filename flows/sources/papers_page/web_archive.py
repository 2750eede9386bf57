"""Web archives: a page in the one file that browsers call MHTML, out of which its HTML is taken."""

import binascii
import re
from collections.abc import Iterator

from flows.sources.papers_page.unwrap import NoPapers

HEADER_BYTES = 1 << 12

_KIND = re.compile(rb"^content-type:\s*multipart/related\b", re.IGNORECASE | re.MULTILINE)
_PAGE = re.compile(
    rb"^(?:snapshot-)?content-location:\s*https?://huggingface\.co/papers\b",
    re.IGNORECASE | re.MULTILINE,
)
_BOUNDARY = re.compile(rb'\bboundary="?([^"\s;]{1,200})', re.IGNORECASE)
_HTML_PART = re.compile(rb"^content-type:\s*text/html\b", re.IGNORECASE | re.MULTILINE)
_ENCODING = re.compile(rb"^content-transfer-encoding:\s*([\w-]+)", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


def is_web_archive(head: bytes) -> bool:
    r"""Return whether a file begins like an archive of one of the site's pages.

    >>> is_web_archive(
    ...     b"Snapshot-Content-Location: https://huggingface.co/papers\r\n"
    ...     b"Content-Type: multipart/related;\r\n"
    ... )
    True
    """
    start = head[:HEADER_BYTES]
    return bool(_KIND.search(start)) and bool(_PAGE.search(start))


def unpack_page(archive: bytes) -> bytes:
    """Return the HTML of the page in an archive. Raises `NoPapers`."""
    boundary = _BOUNDARY.search(archive[:HEADER_BYTES])
    for start, end in _list_parts(archive, b"--" + boundary[1]) if boundary else ():
        header = _BLANK_LINE.search(archive, start, end)
        if header and _HTML_PART.search(archive, start, header.start()):
            encoding = _ENCODING.search(archive, start, header.start())
            return _decode_part(
                archive[header.end() : end], encoding[1].lower() if encoding else b""
            )
    raise NoPapers("it is a web archive without a page in it")


def _list_parts(archive: bytes, boundary: bytes) -> Iterator[tuple[int, int]]:
    """Yield the place of each part, one by one: a hostile archive has millions of them.

    What precedes the first boundary is the header of the archive.
    """
    start = archive.find(boundary)
    while start >= 0:
        start += len(boundary)
        end = archive.find(boundary, start)
        yield start, len(archive) if end < 0 else end
        start = end


def _decode_part(content: bytes, encoding: bytes) -> bytes:
    try:
        if encoding == b"base64":
            return binascii.a2b_base64(content)
    except binascii.Error as error:
        raise NoPapers(f"the page in the web archive is damaged: {error}") from None
    return binascii.a2b_qp(content) if encoding == b"quoted-printable" else content
