"""Render card: the card of a release that exists, by another template."""

from pathlib import Path

from flows.publish.card import fill_card, measure_configs
from flows.publish.draft import draft_frames
from flows.release.layout import TABLES
from flows.release.open_release import Release


def render_card(folder: Path, template: Path) -> str:
    """Fill a card from a release that exists: what its README would be with this template.

    Raises `NotARelease` when the folder holds none.
    """
    release = Release.open(folder)
    tables = {table: release.scan_table(table) for table in TABLES}
    with release.explain_unreadable("papers"):
        draft = draft_frames(tables)
    # Of its own files: what else is in the folder is not the release.
    sizes = measure_configs({config.name: release.list_shards(config) for config in draft.configs})
    text = template.read_text(encoding="utf-8")
    return fill_card(text, draft.total, release.manifest, sizes)
