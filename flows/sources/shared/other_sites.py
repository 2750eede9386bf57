"""Fields by which JSON of some sites is told, by those who would take it for their own."""

import re

FIELDS = {
    "Semantic Scholar": rb"paperId|corpus_?id|externalIds|external-ids|s2_\w{1,20}",
    "OpenAlex": rb"openalex_id",
    "OpenAlex's own": rb"display_name",
    "DataCite": rb"resourceTypeGeneral",
    "CSL": rb"date-parts",
    "other libraries": rb"nips_id|coreId|bibcode|mag_id",
    "Papers with Code": rb"paper_url|repo_url",
    "Hugging Face": rb"discussionId|submittedOnDailyAt|submittedBy|upvotes",
    "releases of this project": rb"record_id",
}
"""Patterns of names of fields, by who has them."""


def match_fields_of(*sites: str) -> re.Pattern[bytes]:
    """Return a pattern of the fields that some sites have, in any case, with their colons.

    >>> match_fields_of("OpenAlex", "CSL").search(b'{"OpenAlex_ID" : "A"}') is not None
    True
    """
    return re.compile(rb'"(?i:%b)"\s*:' % b"|".join(FIELDS[site] for site in sites))
