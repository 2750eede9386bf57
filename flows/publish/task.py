"""Publish: a checked release on disk, then, if asked to, one commit and one tag on the Hub."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from prefect import State, task
from prefect.cache_policies import NO_CACHE

from flows import release
from flows.errors import UserError, count_noun
from flows.hashing import hash_file
from flows.parts import require_whole_step
from flows.paths import CARD_TEMPLATE, StepFolder
from flows.publish import hub, manifest
from flows.publish.draft import draft_release, open_tables
from flows.publish.measure import PreviousTables
from flows.publish.segment_cache import name_segments_file, read_segments
from flows.publish.write_release import WrittenRelease, write_draft
from flows.raw.raw_file import RawFile
from flows.runs.progress import watch_task
from schemas import gates
from schemas.gate import Counts


class FailedGates(UserError):
    """A release that is not good enough to be published."""


class UnknownGate(UserError):
    """A gate was to be overridden that does not exist, or without a reason."""


@dataclass(frozen=True)
class Publication:
    """The release that was written, and the gates that warn without stopping it."""

    written: WrittenRelease
    warnings: list[str]


@watch_task
@task(
    name="Publish",
    task_run_name="Write the release",
    cache_policy=NO_CACHE,
)
def write_release(  # noqa: PLR0913  # each decides about the release
    enriched: Path,
    raw: Sequence[RawFile],
    folder: Path,
    previous: Path,
    *,
    allowed: Mapping[str, str] | None = None,
    strict: bool = False,
    observed: Mapping[str, object] | None = None,
) -> Publication:
    """Write the tables of a run as a release, in the place of the one in ``folder``.

    It is compared with the ``previous`` release. ``allowed`` gives the reason for each gate that
    may fail; what was needed of it is recorded in the manifest, as is what was ``observed`` besides
    the raw files. Raises `FailedGates`, listing every failure, when the release is not good enough;
    nothing is written then.
    """
    require_whole_step(enriched)
    # Opened before the swap: the previous release is often the very folder that is replaced.
    before = PreviousTables.open(release.Release.open_previous(previous))
    cache = read_segments(name_segments_file(folder), previous)
    compared = draft_release(
        open_tables(StepFolder(enriched)), before, cache, manifest.read_accuracy_figures()
    )
    passed = check_gates(
        compared.gates, rejected=compared.rejected, allowed=allowed or {}, strict=strict
    )
    described = manifest.describe_run(raw, previous, passed.overridden) | dict(observed or {})
    written = write_draft(
        compared.draft, CARD_TEMPLATE, described, folder, previous=before.release, cache=cache
    )
    return Publication(written, passed.warnings)


def describe_observations(
    resolution: Mapping[str, object], checks: Sequence[Path], taxonomy: str
) -> dict[str, object]:
    """Name for the manifest what a run read besides its raw files and the release before it.

    These are the ``resolution`` (digests of index and answers), the files of link ``checks`` and
    the version of the ``taxonomy``; what was not read is left out.
    """
    files = [{"file": path.name, "sha256": hash_file(path)} for path in checks]
    seen = {"resolution": resolution, "link_checks": files, "taxonomy": taxonomy}
    return {name: value for name, value in seen.items() if value}


@dataclass(frozen=True)
class GateReport:
    """What the gates say about a release that may be written."""

    warnings: list[str]
    overridden: dict[str, str]
    """Why each gate that failed was allowed to, by its name."""


def check_gates(
    counts: Mapping[str, Counts], *, rejected: int, allowed: Mapping[str, str], strict: bool
) -> GateReport:
    """Return the warnings of the gates, and which of them were overridden.

    ``counts`` are what was counted for each. Raises `FailedGates` with every gate that stops the
    release; ``strict`` allows no rejection.
    """
    measured = gates.judge_counts(counts)
    overridden = {
        failure.gate.name: allowed[failure.gate.name]
        for failure in measured
        # Only overrides that were needed count: the card must not excuse what passed.
        if failure.is_fatal and failure.gate.name in allowed
    }
    failures = [
        failure.message
        for failure in measured
        if failure.is_fatal and failure.gate.name not in overridden
    ]
    if strict and rejected:
        pieces = count_noun(rejected, "piece of input/pieces of input", "was/were")
        failures.append(f"{pieces} rejected, and --strict allows none")
    if failures:
        raise FailedGates(
            "The release was not written:\n  " + "\n  ".join(failures) + "\nIf a failure is "
            "meant, override its gate: --allow NAME --because TEXT. The card will say so."
        )
    return GateReport([failure.message for failure in measured], overridden)


def require_gates(allowed: Mapping[str, str]) -> None:
    """Raise `UnknownGate` unless every name is that of a gate and every reason says something."""
    names = sorted({gate.name for gate in gates.GATES if gate.minimum is not None})
    unknown = [name for name in allowed if name not in names]
    if unknown:
        raise UnknownGate(
            f"There is no gate {', '.join(unknown)} to override. There are: {', '.join(names)}."
        )
    if mute := [name for name, because in allowed.items() if not because.strip()]:
        raise UnknownGate(
            f"Nothing says why {', '.join(mute)} may fail. Give the reason with --because TEXT: "
            "readers of the card want to know."
        )


def is_retriable(_: object, __: object, state: State[hub.PushReport]) -> bool:
    """Return whether a failure may pass by itself: only those of the network are tried again."""
    # Without the argument a failed state raises its error here instead of returning it.
    return isinstance(state.result(raise_on_failure=False), hub.Unreachable)


@watch_task
@task(
    name="Send",
    task_run_name="Send the release to {repo}",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=30,
    retry_condition_fn=is_retriable,
)
def push_release(  # noqa: PLR0913  # each is a wish that people have
    folder: Path,
    repo: str,
    *,
    branch: str | None = None,
    create_pr: bool = False,
    private: bool = False,
    dry_run: bool = False,
) -> hub.PushReport:
    """Publish a release folder as one commit and one tag; return what was done.

    Raises `hub.Unpublished` with one message that says what to do.
    """
    return hub.push(
        folder, repo, branch=branch, create_pr=create_pr, private=private, dry_run=dry_run
    )
