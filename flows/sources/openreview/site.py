"""OpenReview as a site: answers of its API come as files; it has its own client for downloads."""

from flows.http.site import Site

SITE = Site(
    name="OpenReview",
    endpoints={"notes": "https://api2.openreview.net/notes"},
    interval=3.0,
    hosts=frozenset({"api.openreview.net", "api2.openreview.net", "openreview.net"}),
)

EXAMPLE = f"{SITE.endpoints['notes']}?content.venueid=ICLR.cc/2025/Conference"
"""The address of a venue's notes, for messages."""
