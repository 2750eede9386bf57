"""Fetching: what sites answer, asked for politely and kept as it came.

`Site` says where and how often a site is asked, `Web` asks it, `Store` keeps its answers under
``data/raw/<source>/<snapshot>/`` with a sidecar each. What is asked, and what an answer must look
like, is each source's own business: see ``fetch`` in ``flows/sources/``.
"""

from flows.fetching.days import due, month, over, wanted_days, week
from flows.fetching.harvested import Fetch, Harvested, gather
from flows.fetching.pieces import Done, Outcome, one_by_one
from flows.fetching.sites import Site
from flows.fetching.store import Kept, Store
from flows.fetching.troubles import Changed, Passing, Stopped, Trouble
from flows.fetching.wanted import Wanted
from flows.fetching.web import Answer, Web

__all__ = [
    "Answer",
    "Changed",
    "Done",
    "Fetch",
    "Harvested",
    "Kept",
    "Outcome",
    "Passing",
    "Site",
    "Stopped",
    "Store",
    "Trouble",
    "Wanted",
    "Web",
    "due",
    "gather",
    "month",
    "one_by_one",
    "over",
    "wanted_days",
    "week",
]
