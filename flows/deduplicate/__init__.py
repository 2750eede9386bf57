"""Deduplicate: which records are one paper, under which id, with which values."""
