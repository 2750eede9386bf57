"""Open texts: the licences under which an aggregator's copy of an abstract may be passed on."""

from schemas.vocabulary import License

OPEN_LICENSES = {
    "cc0": License.CC0,
    "cc-0": License.CC0,
    "public-domain": License.CC0,
    "publicdomain": License.CC0,
    "ccby": License.CC_BY,
    "cc-by": License.CC_BY,
}
"""Licences as OpenAlex and Semantic Scholar name them. Share-alike ones are not among them: they
would bind the row."""


def find_open_license(written: str | None) -> str | None:
    """Return the licence under which a text may be passed on; None where it may not.

    >>> find_open_license("CCBY"), find_open_license("cc-by-nc-nd"), find_open_license(None)
    ('CC-BY-4.0', None, None)
    """
    name = OPEN_LICENSES.get((written or "").strip().lower())
    return name.value if name else None
