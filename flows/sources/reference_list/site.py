"""Lists of references are files of their owners: there is no site, only addresses of files."""

from flows.http.site import Site

SITE = Site(
    name="Reference lists",
    endpoints={"files": "https://raw.githubusercontent.com"},
    interval=1.0,
    hosts=frozenset({"github.com", "aclanthology.org", "dblp.org"}),
)

EXAMPLE = f"{SITE.endpoints['files']}/OWNER/NAME/main/references.bib"
"""The address of a list, for messages."""
