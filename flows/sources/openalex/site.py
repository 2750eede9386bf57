"""OpenAlex as a site: its API, asked by address, and its snapshot, taken as files."""

from flows.http.site import Site

SITE = Site(
    name="OpenAlex",
    endpoints={"works": "https://api.openalex.org/works"},
    interval=1.0,
    hosts=frozenset({"api.openalex.org", "openalex.s3.amazonaws.com"}),
    limit=8 << 30,
    seconds=6 * 3600.0,
)

EXAMPLE = f"{SITE.endpoints['works']}?filter=doi:10.48550/arxiv.1706.03762"
"""The address of a work, for messages."""
