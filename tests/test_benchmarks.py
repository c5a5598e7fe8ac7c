"""The benchmarks run, at a size at which their numbers mean nothing."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


def test_the_benchmark_of_borders_runs_and_finds_more_with_a_margin() -> None:
    arguments = ["--documents", "600", "--width", "16", "--shard-documents", "150", "--repetitions", "2"]
    command = [sys.executable, str(BENCHMARKS / "border.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "606 documents, width 16, decay 0.375, 24 clusters"
    assert lines[1] == "12 pairs at each cosine, 2 repetitions"
    figures = [line.split() for line in lines[3:]]
    assert [row[0] for row in figures] == ["0.0", "0.005", "0.01", "0.02", "0.05", "0.1"]
    for column in (1, 5):  # visitors, and the recall of all
        values = [float(row[column].rstrip("%")) for row in figures]
        assert values == sorted(values)
        assert values[0] < values[-1]


@pytest.mark.parametrize("mode", ["per_cluster", "all_pairs"])
def test_the_benchmark_of_increments_runs_and_finds_equal_bytes(mode: str) -> None:
    arguments = [
        "--documents",
        "600",
        "--width",
        "16",
        "--shard-documents",
        "150",
        "--repetitions",
        "2",
        "--mode",
        mode,
    ]
    command = [sys.executable, str(BENCHMARKS / "increment.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f"600 documents and 6 more, width 16, {mode}"
    assert lines[-1] == "equal bytes: yes"
    assert any(line.startswith("increment / rebuild ") and line.endswith("n=2") for line in lines)


def test_the_benchmark_of_minhash_runs_and_finds_all_true_pairs() -> None:
    command = [sys.executable, str(BENCHMARKS / "minhash.py"), "--pages", "300", "--repetitions", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first, mine, candidates, theirs, *ratios = done.stdout.splitlines()
    assert first.startswith("300 pages, ")
    assert mine.strip().startswith("guyot: ")
    assert ", recall 1.0000, precision 1.0000, " in mine
    for line in (candidates, theirs):
        assert ", recall 1.0000, " in line
    assert [line.split(":")[0] for line in ratios] == [
        "datasketch / guyot", "datasketch / guyot, candidates alone",
    ]  # fmt: skip


def test_the_benchmark_of_minhash_increments_runs_and_finds_equal_bytes() -> None:
    arguments = ["--documents", "700", "--repetitions", "1"]
    command = [sys.executable, str(BENCHMARKS / "minhash_increment.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "700 documents and 7 more"
    assert lines[-1] == "equal bytes: yes"


def test_the_benchmark_of_vectors_runs_and_all_pairs_find_every_planted_one(tmp_path: Path) -> None:
    np.save(tmp_path / "texts.npy", np.random.default_rng(0).standard_normal((50, 16)).astype(np.float32))
    arguments = ["--documents", "600", "--width", "16", "--repetitions", "1", "--encoded"]
    kinds = ["--kinds", "spectrum", "encoded"]
    command = [
        sys.executable,
        str(BENCHMARKS / "vectors.py"),
        *arguments,
        str(tmp_path / "texts.npy"),
        *kinds,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 12
    assert sum("sgemm" in line for line in lines) == 4
    for line in lines:
        assert " GiB" in line
        if "sgemm" not in line:
            recall = float(line.split()[-1])
            assert recall == 1 if ", pairs," in line else recall > 0.5, line


@pytest.mark.long
@pytest.mark.in_ci
def test_the_benchmark_of_mixtures_runs_each_stage_and_finds_the_planted_pairs() -> None:
    arguments = ["--documents", "600", "--width", "16", "--shard-documents", "200"]
    command = [sys.executable, str(BENCHMARKS / "mixtures.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "  all_pairs: recall of planted pairs 1.0000" in lines
    stages = [line.split(" core-s")[0].rsplit(None, 1)[0].strip() for line in lines if line[0] != " "]
    added = ["assignments of 1% more", "scores of 1% more", "mixtures of 1% more"]
    assert stages[:-1] == ["centroids", "assignments", "scores", "mixtures", "variants", "audits", *added]
    assert lines[-1].startswith("1% more: ")
    parts = [line.split()[0] for line in lines if line.startswith("  ") and "core-s" in line]
    assert len(parts) == 12 + 20 + 3 + 12


def reproduced(folder: Path, *arguments: str) -> tuple[int, str]:
    places = ["--records", str(folder / "records"), "--to", str(folder / "results.md")]
    command = [sys.executable, "-m", "benchmarks.reproduce", *places, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=BENCHMARKS.parent)
    assert done.stderr == ""
    return done.returncode, (folder / "results.md").read_text()


@pytest.mark.long
@pytest.mark.in_ci
def test_the_papers_are_reproduced_on_a_page_that_says_what_held(tmp_path: Path) -> None:
    code, page = reproduced(tmp_path, "--quick", "--only", "scaling", "semdedup")
    assert code == 0
    assert "| [scaling](#scaling) (quick) | 5 | " in page
    rows = [line for line in page.partition("## scaling")[2].splitlines() if " | above 0 | " in line]
    assert rows
    assert rows[0].startswith("| all: AIC of the exponential - of the power law | above 0 | +")
    assert "](results/scaling.svg)" in page
    assert (tmp_path / "results" / "scaling.svg").read_text().startswith("<svg")
    # an experiment that failed is on the page, costs no other, and is the command's exit
    kept = tmp_path / "records" / "semdedup.json"
    kept.write_text(
        json.dumps(json.loads(kept.read_text()) | {"failed": ["OSError: no <files>"], "rows": []})
    )
    code, page = reproduced(tmp_path, "--page")
    assert code == 1
    assert "It failed: `OSError: no <files>`" in page
    assert "| all: AIC of the exponential - of the power law | above 0 | +" in page


def test_the_benchmark_of_navigation_runs_and_its_planner_arrives() -> None:
    arguments = ["--mazes", "400", "--steps", "5000", "--rounds", "2"]
    command = [sys.executable, str(BENCHMARKS / "navigation.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first, *figures, last = done.stdout.splitlines()
    assert first.startswith("first calls: ")
    assert [line.split(":")[0] for line in figures] == [
        "mazes", "tasks", "steps of 256 agents, compiled", "steps of 4096 agents, compiled",
        "steps of 256 agents, numpy", "labels, following", "labels, acting at random",
    ]  # fmt: skip
    assert all(" per CPU second (" in line for line in figures)
    assert float(last.split("success ")[1].split(",")[0]) > 0.8


@pytest.mark.long
def test_the_benchmark_of_policies_runs() -> None:
    command = [sys.executable, str(BENCHMARKS / "policies.py"), "--updates", "1", "--rounds", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines[1:-1]] == [
        f"{what}, memory {memory}"
        for memory in ("gru", "none")
        for what in ("acting", "learning by imitation", "learning by reward")
    ]
    assert all(" per CPU second, " in line for line in lines[1:-1])


@pytest.mark.long
@pytest.mark.in_ci
def test_the_benchmark_of_shards_tells_each_step() -> None:
    command = [sys.executable, str(BENCHMARKS / "shards.py"), "5", "--per-partition", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["step"] for one in told][-2:] == ["look", "again"]
    assert all(one["shards"] == 5 and one["seconds"] >= 0 for one in told)


@pytest.mark.long
@pytest.mark.in_ci
def test_the_benchmark_of_shapes_makes_a_lake_of_each_run() -> None:
    command = [sys.executable, str(BENCHMARKS / "shapes.py"), "--only", "two_equal"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    took, slowest = done.stdout.splitlines()
    assert took.startswith("two_equal: ")
    assert " GiB" in took  # and why recipes of which nothing is left have no schedule
    assert len(slowest.split(", ")) == 3
