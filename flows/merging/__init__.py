"""From clusters of records to papers: field by field, with an id that stays."""

from flows.merging.inheritance import Inherited, Previous, inherit_ids
from flows.merging.merge import Merged, merge, origins, papers

__all__ = ["Inherited", "Merged", "Previous", "inherit_ids", "merge", "origins", "papers"]
