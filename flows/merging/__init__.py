"""From clusters of records to papers: field by field, with an id that stays."""

from flows.merging.inheritance import Inherited, Previous, inherit_ids
from flows.merging.merge import merge, with_evidence

__all__ = ["Inherited", "Previous", "inherit_ids", "merge", "with_evidence"]
