"""Semantic Scholar as a site: its Graph API, asked by address."""

from flows.http.site import Site

SITE = Site(
    name="Semantic Scholar",
    endpoints={"graph": "https://api.semanticscholar.org/graph/v1"},
    interval=3.0,
    hosts=frozenset({"api.semanticscholar.org", "ai2-s2ag.s3.amazonaws.com"}),
    limit=8 << 30,
    seconds=6 * 3600.0,
)
"""The dataset of papers comes in some thirty files of 1.5 GB each."""

EXAMPLE = f"{SITE.endpoints['graph']}/paper/search?query=attention&fields=title,externalIds,venue"
"""The address of a search, for messages."""
