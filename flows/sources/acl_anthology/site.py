"""The ACL Anthology as a site: its XML is kept in its repository, one file per collection."""

from flows.http.site import Site

SITE = Site(
    name="ACL Anthology",
    endpoints={"xml": "https://raw.githubusercontent.com/acl-org/acl-anthology/master/data/xml"},
    interval=1.0,
    hosts=frozenset({"aclanthology.org", "github.com"}),
)

EXAMPLE = f"{SITE.endpoints['xml']}/2022.acl.xml"
"""The address of one collection, for messages."""
