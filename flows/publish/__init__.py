"""Publish: a checked release on disk and, if asked for, one commit and one tag on the Hub."""
