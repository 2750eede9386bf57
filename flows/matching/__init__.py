"""Which records are one paper: candidates, then verified pairs, then their components."""

from flows.matching.identities import identified
from flows.matching.incremental import match_again
from flows.matching.match import Matching, match
from flows.matching.review import explain, review

__all__ = ["Matching", "explain", "identified", "match", "match_again", "review"]
