"""The commands that show a release, as people call them."""

import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.__main__ import app
from tests.builders import written_release
from tests.processes import PROJECT


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written_release(tmp_path_factory.mktemp("site-commands") / "release")


def run(*arguments: str | Path) -> str:
    done = CliRunner().invoke(app, [*map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_site_writes_pages_that_read_the_release_from_where_it_is(
    release: Path, tmp_path: Path
) -> None:
    out = tmp_path / "public"
    url = "https://example.org/data"
    printed = run("site", "--release", release, "--out", out, "--data-url", url)
    assert "3 papers" in printed
    assert '"data":"https://example.org/data/"' in (out / "site.json").read_text()
    assert not (out / "release").exists()


def test_an_address_that_is_none_is_refused(release: Path, tmp_path: Path) -> None:
    arguments = [
        "site",
        "--release",
        release,
        "--out",
        tmp_path,
        "--data-url",
        "javascript:alert(1)",
    ]
    done = CliRunner().invoke(app, [*map(str, arguments)])
    assert done.exit_code == 2
    assert "is no address" in done.output


def test_feed_prints_atom(release: Path) -> None:
    printed = run("feed", "area/natural-language-processing", "--release", release)
    assert printed.startswith('<?xml version="1.0" encoding="utf-8"?>\n<feed ')
    assert printed.count("<entry>") == 3


@pytest.fixture
def _heeds_interrupts() -> Iterator[None]:
    """Heed SIGINT, which a shell has its background jobs ignore, and they their children."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


@pytest.mark.usefixtures("_heeds_interrupts")
def test_explore_serves_the_release_until_it_is_stopped(release: Path, tmp_path: Path) -> None:
    arguments = ("explore", "--no-open", "--release", str(release), "--out", str(tmp_path / "site"))
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "flows", *arguments],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        lines = iter(process.stdout.readline, "")
        line = next(line for line in lines if line.startswith("http"))
        url = line.split()[0]
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  # loopback
            assert b"<title>Open Papers</title>" in answer.read()
        process.send_signal(signal.SIGINT)
        assert process.stdout.read().endswith("Stopped.\n")
        assert process.wait(timeout=10) == 0


def test_a_reader_that_has_seen_enough_is_no_fault(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_pipe(_: Path) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("flows.operate.export_links.export_links", break_pipe)
    arguments = ["export", "links", "--format", "datacite", "--release", str(release)]
    assert "unexpected" not in CliRunner().invoke(app, arguments).output
