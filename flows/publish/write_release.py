"""Write release: it is built beside the one before, read back, and swapped in."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from flows.hashing import hash_once
from flows.parts import map_in_order
from flows.publish import card
from flows.publish.card.charts import draw_charts
from flows.publish.card.facts import Counted, Facts
from flows.publish.croissant import describe_release
from flows.publish.draft import Draft, draft_frames
from flows.publish.load_back import name_forms, require_loadable
from flows.publish.segment_cache import (
    SegmentCache,
    keep_segments,
    name_segments_file,
    name_shard_key,
)
from flows.publish.segments import SEGMENT_IDS
from flows.publish.shards import (
    Shard,
    copy_part,
    find_final_file,
    link_or_copy,
    plan_shards,
    write_shard,
)
from flows.release.id_ranges import RangedTable
from flows.release.layout import ASSETS, CARD, CONFIG_FOLDER, CROISSANT, NotARelease
from flows.release.manifest_file import DIGEST, read_manifest, write_manifest
from flows.release.open_release import Release, require_release_or_nothing
from flows.release.replace import (
    name_building,
    name_loading,
    repair_release,
    report_full_disk,
    swap_release,
)
from flows.release.replaceable import require_no_strangers, require_replaceable
from flows.release.verify import is_intact

ALWAYS_NEW = ("previous_release", "allowed", "tag", DIGEST)
"""Keys of the manifest that differ when the same inputs are read again: they are about the step
from the release before, as gates that compare with it are."""

SHARE_OF_SEGMENT = 5
"""A file has at least as many rows as this part of the ids of a segment: see `plan_shards`."""


@dataclass(frozen=True)
class WrittenRelease:
    """What `write_draft` did."""

    folder: Path
    changed: bool
    """False when the same release was there already: its files were not touched."""
    rows: dict[str, int]
    """Rows by config."""
    counted: Counted
    """What was counted of the tables; its changes are none where nothing changed."""


@dataclass(frozen=True)
class WrittenShard:
    """A file of the release that is being built."""

    path: str
    key: str | None
    """What its rows follow from, by which the next release finds it."""
    linked: str | None
    """Its sha256 where it is that of the release before; None where it was written."""


def write_tables(
    frames: Mapping[str, pl.DataFrame | RangedTable],
    template: Path,
    manifest: Mapping[str, Any],
    folder: Path,
    *,
    segment_ids: int = SEGMENT_IDS,
) -> WrittenRelease:
    """Write a release from whole tables, by name: see `write_draft`."""
    draft = draft_frames(frames, segment_ids)
    return write_draft(draft, template, manifest, folder, segment_ids=segment_ids)


def write_draft(  # noqa: PLR0913  # each decides about the files
    draft: Draft,
    template: Path,
    manifest: Mapping[str, Any],
    folder: Path,
    *,
    previous: Release | None = None,
    cache: SegmentCache | None = None,
    segment_ids: int = SEGMENT_IDS,
) -> WrittenRelease:
    """Write a release and put it in the place of the one in ``folder``.

    Files whose rows are those of the ``previous`` release, as its ``cache`` knows, become links to
    its files, once these have the hash that they should have.

    The caller holds the folder's lock (`replace.lock_folder`) since it read the release of before.
    A killed run leaves that one; the next run cleans up. The same tables, manifest and template
    give the same bytes. Raises `NotARelease` when the folder holds something else,
    `replace.NoSpace` when the disk is full, `tables.InvalidTable` for rows that their table does
    not allow, and `UnreadableRelease` when `datasets` does not read it back.
    """
    with report_full_disk(folder):
        # The checks come first: the repair deletes, and must not do so in a folder of others.
        require_replaceable(folder)
        require_release_or_nothing(folder)
        require_no_strangers(folder)
        repair_release(folder)
        rows = {config.name: number for config, number in draft.configs.items()}
        new, known = name_building(folder), cache or SegmentCache()
        shards = ShardFiles(draft, new, previous, known).write_all(segment_ids)
        linked = {shard.path: shard.linked for shard in shards if shard.linked}
        template_text = template.read_text(encoding="utf-8")
        forms = name_forms(new, rows, template_text)
        features = _list_features(new, forms, known)
        complete = _write_card(draft, new, manifest, template_text, linked, features)
        # A damaged release is replaced even where its manifest says the same.
        is_same = is_same_release(folder, complete) and is_intact(folder)
        proven = {name for name, form in forms.items() if form in known.forms}
        if is_same:
            repair_release(folder)
        else:
            # Loaded before the swap: what cannot be read never replaces what can.
            proven |= require_loadable(new, name_loading(folder), rows, linked, proven)
            swap_release(folder)
    if cache is not None:
        hashes = {s.key: complete["files"][s.path]["sha256"] for s in shards if s.key}
        proven_forms = {**known.forms, **{forms[name]: features[name] for name in proven}}
        lasting = SegmentCache(draft.segments_by_key, hashes, proven_forms, known.sums)
        keep_segments(name_segments_file(folder), folder, lasting)
    return WrittenRelease(folder, changed=not is_same, rows=rows, counted=draft.total)


@dataclass(frozen=True)
class ShardFiles:
    """The Parquet files of a release that is being built in the folder ``new``."""

    draft: Draft
    new: Path
    previous: Release | None
    cache: SegmentCache

    def write_all(self, segment_ids: int) -> list[WrittenShard]:
        """Write the files of all configs, or link those that the release before has.

        Segments have so many ids, on average.
        """
        fewest_rows = max(1, segment_ids // SHARE_OF_SEGMENT)
        shards = [
            shard
            for config in self.draft.configs
            for shard in plan_shards(config, self.draft.list_rows(config), fewest_rows)
        ]
        return list(map_in_order(self.write_or_link, shards))

    def write_or_link(self, shard: Shard) -> WrittenShard:
        """Write one file, or link the one that the release before has of the same rows."""
        table = shard.config.table
        # Only tables about papers have keys: others are small, or follow from both releases.
        keys = self.draft.keys.get(table)
        key = name_shard_key(shard, keys) if keys else None
        if key and (linked := self.link_known(shard, self.cache.shards.get(key))):
            return WrittenShard(shard.path, key, linked)
        rows, segments = self.draft.tables[table], self.draft.segments[table]
        if final := find_final_file(shard, rows, segments):
            copy_part(final, self.new / shard.path)
        else:
            write_shard(shard, rows, segments, self.new)
        return WrittenShard(shard.path, key, None)

    def link_known(self, shard: Shard, sha256: str | None) -> str | None:
        """Link the file with this hash of the release before; return the hash, or None for none.

        The hash is that of the link, not of what was linked: nothing can come in between.
        """
        names = self.previous.files.items() if self.previous and sha256 else ()
        source = next((name for name, entry in names if entry["sha256"] == sha256), None)
        if self.previous is None or source is None:
            return None
        target = link_or_copy(self.previous.root / source, self.new / shard.path)
        if hash_once(target) == sha256:
            return sha256
        # Written again: a file that differs from its manifest never gets into the next release.
        target.unlink()
        return None


def _list_features(
    new: Path, forms: Mapping[str, str], known: SegmentCache
) -> dict[str, card.FeatureList]:
    """List the features of each config: those that its form had when it was loaded back."""
    return {
        name: known.forms.get(form)
        or card.describe_features(min((new / CONFIG_FOLDER / name).glob("*.parquet")))
        for name, form in forms.items()
    }


def _write_card(  # noqa: PLR0913, PLR0917  # each decides about what is written
    draft: Draft,
    new: Path,
    manifest: Mapping[str, Any],
    template: str,
    hashes: Mapping[str, str],
    features: Mapping[str, card.FeatureList],
) -> dict[str, Any]:
    """Write the charts, the card and the manifest, in this order: each names the ones before.

    ``hashes`` are those of files that were compared with them already, ``features`` the columns of
    each config.
    """
    counted = draft.total
    # There is no manifest yet: it names the charts, so they are drawn first.
    for name, chart in draw_charts(Facts(counted, {}, {})).items():
        (new / ASSETS).mkdir(parents=True, exist_ok=True)
        (new / ASSETS / name).write_text(chart, encoding="utf-8")
    # The template decides bytes of the card, so it is an input that the manifest has to name.
    complete = {**manifest, "card": hashlib.sha256(template.encode()).hexdigest()}
    facts = Facts(counted, complete, {})
    folders = {config.name: new / CONFIG_FOLDER / config.name for config in facts.configs}
    sizes = card.measure_configs(
        {name: sorted(folder.glob("*.parquet")) for name, folder in folders.items()}, features
    )
    new.mkdir(parents=True, exist_ok=True)
    (new / CARD).write_text(card.fill_card(template, counted, complete, sizes), encoding="utf-8")
    (new / CROISSANT).write_bytes(describe_release([*facts.configs], facts.newest))
    # File systems list names in any order, and the manifest has to be the same bytes.
    paths = [path for path in sorted(new.rglob("*")) if path.is_file()]
    names = {path: path.relative_to(new).as_posix() for path in paths}
    files = {
        name: {"bytes": path.stat().st_size, "sha256": hashes.get(name) or hash_once(path)}
        for path, name in names.items()
    }
    return write_manifest(new, {**complete, "files": files})


def is_same_release(folder: Path, manifest: Mapping[str, Any]) -> bool:
    """Return whether a folder's release is the one with this manifest, by what its own says."""
    try:
        return _drop_news(read_manifest(folder)) == _drop_news(manifest)
    except NotARelease:
        return False


def _drop_news(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what must be equal for two releases to be the same one.

    The changes since the release before, and the card that tells them, are empty when the same
    inputs are read again.
    """
    news = (CARD, CROISSANT, f"{CONFIG_FOLDER}/changes")
    # By prefix, since the changes may have several licences and shards.
    files = {name: file for name, file in manifest["files"].items() if not name.startswith(news)}
    lasting = {name: value for name, value in manifest.items() if name not in ALWAYS_NEW}
    return {**lasting, "files": files}
