"""Characters of URLs: invisible ones, those that stand for others, letters beyond ASCII; dots."""

from urllib.parse import quote

import polars as pl

INVISIBLE = r"[\x{00AD}\x{200B}-\x{200F}\x{2060}\x{FEFF}]"
"""Characters without width, soft hyphens among them, which copying leaves in a URL."""

HYPHENS = r"\x{2010}\x{2011}\x{2212}"
"""Hyphens and minus signs that typesetting puts in the place of ``-``, for a class of a pattern."""


CONTROLS = r"[\x00-\x1F\x7F]"
"""Characters on which a terminal acts. Browsers never send them; those beyond ASCII are encoded."""


def strip_latex_signs(written: pl.Expr) -> pl.Expr:
    r"""Write what LaTeX, HTML and typesetting put for signs of URLs as browsers write them.

    >>> pl.select(strip_latex_signs(pl.lit(r"lab.org/$\tilde{}$lee/a\_b"))).item()
    'lab.org/~lee/a_b'
    """
    return (
        written.str.replace_all(r"\\string_", "_")
        .str.replace_all(
            r"\\string~|\{?\\textasciitilde(?:\{\}|\})?|\$\\(?:sim|tilde\{\})\$|\{?\\~(?:\{\}\}?)?",
            "~",
        )
        .str.replace_all(r"\{?\\textunderscore(?:\{\})?\}?|\{\\_\}|\{_\}|\$\\?_\$", "_")
        .str.replace_all(r"\\([_%#&$/~{}-])", "$1")
        .str.replace_all(r"\$+([._~-])\$*|([._~-])\$+", "$1$2")
        .str.replace_all(r"[\x{223C}\x{02DC}\x{FF5E}]", "~")
        .str.replace_all(f"[{HYPHENS}]", "-")
        .str.replace_all("&amp;", "&", literal=True)
        .str.replace_all(r"\\", "")
    )


def encode_letters(url: pl.Expr) -> pl.Expr:
    """Write letters beyond ASCII as browsers send them; other URLs stay as they are."""
    return url.map_batches(_encode_batch, return_dtype=pl.String, is_elementwise=True)


def _encode_batch(written: pl.Series) -> pl.Series:
    foreign = written.filter(written.str.len_bytes() != written.str.len_chars()).unique()
    encoded = pl.Series([encode_url(url) for url in foreign], dtype=pl.String)
    return written.replace(foreign, encoded) if len(foreign) else written


def encode_url(url: str) -> str | None:
    """Write a URL in ASCII: the host by IDNA, the rest in percent signs; None where none can be.

    >>> encode_url("https://müllerlab.de/démo")
    'https://xn--mllerlab-65a.de/d%C3%A9mo'
    """
    scheme, mark, rest = url.partition("://")
    end = min((at for sign in "/?#" if (at := rest.find(sign)) >= 0), default=len(rest))
    try:
        host = rest[:end].encode("idna").decode("ascii")
    except UnicodeError:
        return None
    # What is a percent sign already was encoded by somebody else, and is not encoded again.
    return scheme + mark + host + quote(rest[end:], safe="/?#[]@!$&'()*+,;=:%~")


DOTS = r"/(?:\.|%2[Ee]){1,2}(?:[/?#]|$)"
"""A segment of a path by which a browser stays where it is, or goes one segment back."""


def resolve_dots(url: pl.Expr) -> pl.Expr:
    """Write URLs whose path has segments of dots as browsers send them; others stay as they are.

    >>> pl.select(resolve_dots(pl.lit("https://a.org/b/../c/./d?e=/../"))).item()
    'https://a.org/c/d?e=/../'
    """
    return url.map_batches(_resolve_batch, return_dtype=pl.String, is_elementwise=True)


def _resolve_batch(written: pl.Series) -> pl.Series:
    dotted = written.filter(written.str.contains(DOTS).fill_null(value=False)).unique()
    resolved = pl.Series([_resolve_path(url) for url in dotted], dtype=pl.String)
    return written.replace(dotted, resolved) if len(dotted) else written


def _resolve_path(url: str) -> str:
    """Resolve the segments of dots of a URL with a scheme and a host (RFC 3986, 5.2.4)."""
    end = min((at for sign in "?#" if (at := url.find(sign)) >= 0), default=len(url))
    scheme, _, place = url[:end].partition("//")
    host, *segments = place.split("/")
    path: list[str] = []
    for segment in segments:
        plain = segment.lower().replace("%2e", ".")
        if plain == "..":
            del path[-1:]
        elif plain != ".":
            path.append(segment)
    # A path that ends with dots is that of a folder.
    is_folder = bool(segments) and segments[-1].lower().replace("%2e", ".") in {".", ".."}
    folder = [""] if is_folder and path else []
    return f"{scheme}//{'/'.join([host, *path, *folder])}{url[end:]}"
