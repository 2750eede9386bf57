"""Operate: what runs, checks, compares and explains releases."""
