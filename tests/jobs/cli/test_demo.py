"""The demo's source: links to exactly the corpus, put right when they are not, and a command that is told so."""

import os
import subprocess
import sysconfig
from collections import Counter
from pathlib import Path

import pytest

from jobs.cli import demo


@pytest.fixture(scope="module")
def corpus() -> dict[str, Path]:
    found = list(demo.corpus())
    assert len(dict(found)) == len(found)
    return dict(found)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Path]:
    """Make the corpus three files."""
    files = {}
    for name in ("a/one.py", "a/two.py", "b/one.py"):
        file = tmp_path / "installed" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {name}\n")
        files[name] = file
    monkeypatch.setattr(demo, "corpus", lambda: iter(files.items()))
    return files


def links(target: Path) -> dict[str, Path]:
    return {str(p.relative_to(target)): p.readlink() for p in target.rglob("*.py") if p.is_symlink()}


def test_the_corpus_is_python_files_by_package_with_no_tests_of_python(corpus: dict[str, Path]) -> None:
    assert all(name.endswith(".py") and file.is_file() for name, file in corpus.items())
    packages = Counter(name.split("/")[0] for name in corpus)
    assert {"stdlib", "transformers"} <= set(packages) <= {"stdlib", "transformers", *demo.PACKAGES}
    assert len(packages) > 10
    assert "stdlib/json/decoder.py" in corpus
    standard = Path(sysconfig.get_path("stdlib"))
    assert corpus["stdlib/json/decoder.py"] == standard / "json" / "decoder.py"
    skipped = {part for name in corpus if name.startswith("stdlib/") for part in name.split("/")}
    assert not skipped & demo.STANDARD_LIBRARY_WITHOUT
    assert {name.split("/")[1][0] for name in corpus if name.startswith("transformers/")} <= set(
        "abcdefghijklm_"
    )


def test_links_are_of_the_whole_corpus_and_a_second_time_is_the_same(
    corpus: dict[str, Path], tmp_path: Path
) -> None:
    assert demo.link(tmp_path / "source") == len(corpus)
    assert links(tmp_path / "source") == corpus
    before = {path: os.lstat(path).st_mtime_ns for path in (tmp_path / "source").rglob("*.py")}
    assert demo.link(tmp_path / "source") == len(corpus)
    assert {path: os.lstat(path).st_mtime_ns for path in (tmp_path / "source").rglob("*.py")} == before


def test_what_is_old_wrong_or_no_link_is_put_right(few: dict[str, Path], tmp_path: Path) -> None:
    target = tmp_path / "source"
    (target / "a").mkdir(parents=True)
    (target / "a" / "gone.py").symlink_to(tmp_path / "nowhere.py")
    (target / "a" / "one.py").symlink_to(few["a/two.py"])
    (target / "a" / "two.py").write_text("a file of its own")
    assert demo.link(target) == 3
    assert links(target) == few
    assert (target / "a" / "two.py").read_text() == few["a/two.py"].read_text()


@pytest.mark.parametrize("asked", [{}, {"GUYOT_READING__SHARD_BYTES": "77"}])
def test_the_demo_runs_the_graph_on_its_source_and_says_where_to_look(
    few: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    asked: dict[str, str],
) -> None:
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    told = tmp_path / "told"
    (scripts / "guyot").write_text(
        f'#!/bin/sh\necho "$1 $GUYOT_SOURCE $GUYOT_READING__SHARD_BYTES" >> {told}\nif [ "$1" = report ]; then echo /the/report.html; fi\n'
    )
    (scripts / "guyot").chmod(0o755)
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    monkeypatch.setattr(demo, "SOURCE", tmp_path / "build" / "demo-source")
    monkeypatch.setattr(demo.sysconfig, "get_path", lambda name: str(scripts))
    for name, value in asked.items():
        monkeypatch.setenv(name, value)
    demo.main()
    out = capfd.readouterr().out
    assert links(tmp_path / "build" / "demo-source") == few
    size = asked.get("GUYOT_READING__SHARD_BYTES", demo.SETTINGS["reading.shard_bytes"])
    assert told.read_text().splitlines() == [
        f"{verb} {tmp_path}/build/demo-source {size}" for verb in ("run", "report")
    ]
    assert "3 Python files linked into build/demo-source" in out
    assert "/the/report.html" in out


@pytest.mark.parametrize(("code", "error"), [(3, "exit status 3"), (130, "130")])
def test_a_run_that_fails_or_is_interrupted_is_not_called_done(
    few: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, error: str
) -> None:
    (tmp_path / "guyot").write_text(f"#!/bin/sh\nexit {code}\n")
    (tmp_path / "guyot").chmod(0o755)
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    monkeypatch.setattr(demo, "SOURCE", tmp_path / "source")
    monkeypatch.setattr(demo.sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises((SystemExit, subprocess.CalledProcessError), match=error):
        demo.main()
