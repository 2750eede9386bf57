"""Merge: clusters of records become papers, field by field, under ids that stay."""
