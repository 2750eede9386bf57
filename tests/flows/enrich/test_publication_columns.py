"""Year, month, short venue and addresses follow from dates, identifiers and venues."""

from datetime import date
from typing import Any

import pytest

from flows.enrich.publication_columns import add_publication_columns
from schemas.paper import Paper
from tests.builders import frame, paper

NOTHING = {
    **dict.fromkeys(("arxiv_id", "acl_id", "openreview_id", "published", "venue", "pdf_url")),
    **dict.fromkeys(("year", "month", "venue_short", "acl_url")),
}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, {"year": None, "month": None, "venue_short": None, "pdf_url": None, "acl_url": None}),
        ({"arxiv_id": "2312.00752"}, {"year": 2023, "month": 12}),
        ({"arxiv_id": "hep-th/9901001"}, {"year": 1999, "month": 1}),
        ({"arxiv_id": "2312.00752", "published": date(2024, 1, 2)}, {"year": 2024, "month": 1}),
        ({"arxiv_id": "2312.00752", "published": date(9999, 1, 2)}, {"year": 2023, "month": 12}),
        ({"published": date(1066, 1, 2)}, {"year": None, "month": None}),
        ({"acl_id": "P18-1001"}, {"year": 2018, "month": None, "venue_short": "ACL 2018"}),
        ({"acl_id": "D19-5001"}, {"year": 2019, "venue_short": None}),
        ({"acl_id": "2022.bionlp-1.1"}, {"year": 2022, "venue_short": None}),
        ({"venue": "Proc. of ICML, 2020"}, {"venue_short": "ICML 2020", "year": None}),
        ({"venue": "A book on ACLs, 2020"}, {"venue_short": None}),
        (
            {"arxiv_id": "2312.00752", "acl_id": "2022.acl-long.1"},
            {
                "pdf_url": "https://arxiv.org/pdf/2312.00752",
                "acl_url": "https://aclanthology.org/2022.acl-long.1/",
            },
        ),
        ({"acl_id": "P18-1001"}, {"pdf_url": "https://aclanthology.org/P18-1001.pdf"}),
        ({"openreview_id": "rJ4km2R5t7"}, {"pdf_url": "https://openreview.net/pdf?id=rJ4km2R5t7"}),
    ],
)
def test_what_is_known_is_said_and_the_rest_is_null(
    values: dict[str, Any], expected: dict[str, Any]
) -> None:
    table = add_publication_columns(frame(Paper, [paper(1, **{**NOTHING, **values})]))
    row = Paper.validate(table).row(0, named=True)
    assert {name: row[name] for name in expected} == expected
