"""The runner of comparisons with peers: what is measured, what failed and is not scored, and the page of it."""

import dataclasses
import doctest
import importlib
import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.comparisons import encoding, minhash, near_duplicates, whole_tool
from benchmarks.measuring import child, environments, findings, rounds
from benchmarks.measuring.page import write_page
from benchmarks.measuring.plan import Comparison, Way
from benchmarks.measuring.results import Results, Run, new_results, read, rows, write
from guyot.recipe import Recipe

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
LIMITS = child.Limits(10**9, 60)
FACTS = {
    "size": "tiny",
    "minutes": 1.0,
    "threads": 0,
    "begun": "2026-01-01T00:00:00+00:00",
    "commit": "0123456",
    "machine": {
        "processor": "a processor",
        "family": "1, model 2",
        "instruction_sets": ["AVX2"],
        "cores": 2,
        "memory_bytes": 8e9,
        "system": "Linux x86_64",
        "python": "3.11.0",
    },
}


def comparison(*ways: Way) -> Comparison:
    return Comparison("Work", "A work", "What it is.", ("made",), ("scored",), ways, 100, ("It is fair.",))


def results(**core_seconds: list[float | None]) -> Results:
    """Return results of ways with these core-seconds in each round, None where it failed."""
    ways = [Way(name, "m", role="guyot" if name == "guyot" else "peer") for name in core_seconds]
    made = new_results(FACTS, [comparison(*ways)])
    for name, seconds in core_seconds.items():
        made.runs_of("work", name)[:] = [
            Run(number, failure="it broke") if one is None else run_of(number, one, 0.9)
            for number, one in enumerate(seconds)
        ]
    return made


def run_of(number: int, seconds: float, recall: float) -> Run:
    return Run(
        number, seconds, seconds, seconds, seconds, 10**9, 0.5, 0.1, "", {"numpy": "2"}, {"recall": recall}
    )


def test_the_runner_measures_guyots_ways_and_writes_results_and_page(tmp_path: Path) -> None:
    done = tmp_path / "results.json"
    page = tmp_path / "docs" / "benchmarks.md"
    page.parent.mkdir()
    command = [
        sys.executable, "-m", "benchmarks.compare", "--size", "tiny", "--rounds", "2", "--without-peers",
        "--only", "all pairs of 600 vectors, isotropic", "--results", str(done), "--to", str(page),
    ]  # fmt: skip
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    found = read(done)
    (one,) = found.comparisons
    assert [way.role for way in one.ways] == ["guyot", "floor"]
    for way in one.ways:
        assert [run.failure for run in way.runs] == ["", ""], way
        assert all(run.core_seconds > 0 and run.peak_bytes > 10**7 for run in way.runs)
        assert all(("recall" in run.score) == (way.role == "guyot") for run in way.runs)
    assert all(run.score["recall"] == 1 for run in one.ways[0].runs)
    text = page.read_text()
    assert "| Guyot, all pairs | 2 |" in text
    assert "none was measured" in text
    assert (page.parent / "benchmarks" / f"{one.slug}.svg").read_text().startswith("<svg")


def test_a_way_that_fails_is_reported_and_not_scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ways = (
        Way("breaks", "this.is.not.there", environment=environments.GUYOT),
        Way("silent", "this", environment=environments.GUYOT),
        Way("elsewhere", "this", environment="peers"),
    )
    monkeypatch.setattr(rounds, "input_of", lambda prepare: tmp_path)
    missing = environments.NotSetUpError("no such package")

    def python_of(name: str) -> Path:
        if name == "peers":
            raise missing
        return Path(sys.executable)

    monkeypatch.setattr(rounds, "python_of", python_of)
    options = rounds.Options("tiny", 1, 3, LIMITS, tmp_path / "work", tmp_path / "results.json")
    given = comparison(
        *(
            dataclasses.replace(way, module=module)
            for way, module in zip(ways, ["not.there", "this", "this"], strict=True)
        )
    )
    measured = rounds.measure([given], options, lambda line: None)
    runs = {way.name: way.runs for way in measured.comparisons[0].ways}
    assert [len(some) for some in runs.values()] == [1, 1, 1], "what failed is not tried again"
    assert "No module named 'not'" in runs["breaks"][0].failure
    assert runs["silent"][0].failure == "it did not say what it took"  # `import this` ends well
    assert runs["elsewhere"][0].failure == "not installed: no such package"
    for row in rows(measured.comparisons[0]):
        assert row.failure
        assert row.core_seconds is None
        assert not row.score
    write_page(measured, tmp_path / "page.md")
    text = (tmp_path / "page.md").read_text()
    assert "- A work: elsewhere: not installed: no such package" in text
    assert "| breaks | 0 | failed |" in text


def test_a_process_is_ended_at_its_limits_with_all_that_it_started(tmp_path: Path) -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    hungry = "x = bytearray(400_000_000); import time; time.sleep(60)"
    found = child.run([sys.executable, "-c", code, hungry], tmp_path / "log", child.Limits(200_000_000, 60))
    assert found.failure == "ended at 0.2 GB of memory, the limit of this run"
    assert found.peak_bytes > 200_000_000
    found = child.run(
        [sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "log", child.Limits(10**9, 0.5)
    )
    assert found.failure == "ended after 0 s, the limit of this run"


def test_core_seconds_are_those_of_children_too(tmp_path: Path) -> None:
    spin = "import time\nwhile time.process_time() < 0.5: pass"
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    found = child.run([sys.executable, "-c", code, spin], tmp_path / "log", LIMITS)
    assert not found.failure
    assert found.core_seconds > 0.5


def test_ratios_are_of_the_same_round_and_fall_back_to_the_median() -> None:
    made = results(guyot=[1.0, 2.0, 3.0], other=[2.0, 8.0], late=[])
    made.runs_of("work", "late").append(run_of(7, 6.0, 0.95))
    first, other, late = rows(made.comparisons[0])
    assert (first.ratio, first.core_seconds, first.core_range) == (1.0, 2.0, (1.0, 3.0))
    assert (other.ratio, other.ratio_range) == (3.0, (2.0, 4.0))
    assert late.ratio == 3.0


def test_a_way_that_failed_once_has_no_figures() -> None:
    _, row = rows(results(guyot=[1.0, 1.0], other=[2.0, None]).comparisons[0])
    assert row.failure == "it broke"
    assert row.core_seconds is None


def test_the_page_says_where_guyot_is_behind() -> None:
    made = results(guyot=[1.0], slower=[4.0], faster=[0.5], even=[1.02], broken=[None])
    made.runs_of("work", "slower")[0].score["recall"] = 0.95
    assert findings.behind(made) == [
        "A work: slower has a recall of 0.9500, Guyot 0.9000.",
        "A work: faster takes 0.50 of Guyot's core-seconds.",
        "A work: even takes as many core-seconds as Guyot, within 5%.",
    ]
    assert findings.ahead(made) == []  # slower, but it finds more
    assert findings.failed(made) == ["A work: broken: it broke"]
    assert findings.in_short(made) == ["| A work | 1.00 | faster | 0.50 | 0.9000, 0.9000 |"]
    made.runs_of("work", "slower")[0].score["recall"] = 0.9
    assert findings.ahead(made) == ["A work: 4.0 times as many as Guyot by slower."]


@pytest.mark.parametrize("others", [0.1, 1.5])
def test_the_page_says_that_the_machine_was_busy(tmp_path: Path, others: float) -> None:
    made = results(guyot=[1.0])
    made.runs_of("work", "guyot")[:] = [dataclasses.replace(run_of(0, 1.0, 1.0), others_cores=others)]
    write_page(made, tmp_path / "page.md")
    text = (tmp_path / "page.md").read_text()
    assert ("This machine was busy" in text) == (others > 1)
    assert "The inputs are small" in text


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    made = results(guyot=[1.0, None], other=[2.5])
    write(made, tmp_path / "results.json")
    assert read(tmp_path / "results.json") == made


def test_every_module_of_a_comparison_exists_and_every_size_has_them() -> None:
    for family, size in itertools.product(
        (near_duplicates, minhash, encoding, whole_tool), ("tiny", "small", "quick", "full")
    ):
        for one in family.comparisons(size):
            modules = [one.prepare[0], one.score[0], *(way.module for way in one.ways)]
            assert all((ROOT / Path(*name.split("."))).with_suffix(".py").is_file() for name in modules)
            assert one.ways[0].role == "guyot"
            assert len({way.slug for way in one.ways}) == len(one.ways)
            for recipe in (text for way in one.ways for text in way.arguments if text.startswith("{")):
                assert Recipe.from_json(recipe).target_fraction is None


@pytest.mark.parametrize(
    "module",
    ["measuring.plan", "comparisons.score_pairs", "comparisons.score_cosines", "inputs.jaccard_truth"],
)
def test_the_examples_of_their_docstrings_hold(module: str) -> None:
    found = doctest.testmod(importlib.import_module(f"benchmarks.{module}"))
    assert found.attempted
    assert not found.failed


def test_requirements_are_pinned_and_share_guyots_versions() -> None:
    locked = dict(
        line.split(" ")[0].split("==")
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if "==" in line
    )
    for environment in environments.ENVIRONMENTS.values():
        lines = (ROOT / "benchmarks" / "requirements" / environment.requirements).read_text().splitlines()
        pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
        assert pinned
        for name in {"numpy", "faiss-cpu", "rensa", "model2vec", "transformers"} & set(pinned):
            assert pinned[name] == locked[name], name


def test_the_page_in_the_docs_is_that_of_its_results(tmp_path: Path) -> None:
    kept = PAGE.with_suffix("") / "results.json"
    write_page(read(kept), tmp_path / PAGE.name)
    assert (tmp_path / PAGE.name).read_text() == PAGE.read_text(), "run `python -m benchmarks.compare --page`"
    pictures = {path.name for path in PAGE.with_suffix("").iterdir()}
    assert pictures == {path.name for path in (tmp_path / PAGE.stem).iterdir()}
    assert json.loads(kept.read_text())["facts"]["size"] in ("small", "quick", "full")
