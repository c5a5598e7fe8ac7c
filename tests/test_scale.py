"""The benchmark of scale: its model counts what it says, and it runs at a size at which figures mean nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.scaling.cost_model import Size, fit, of_assignment, of_scores, of_training
from benchmarks.scaling.report import fits, page

SCALE = Path(__file__).resolve().parents[1] / "benchmarks" / "scale.py"


def test_work_by_hand() -> None:
    few, many = Size(1_000_000, 384), Size(1_000_000_000, 10)
    assert (few.n_clusters, few.n_groups, few.centroids_seen) == (1000, 0, 1000)
    assert (many.n_clusters, many.n_groups) == (31_623, 178)
    assert many.centroids_seen == pytest.approx(178 + 8 * 31_623 / 178)
    assert of_assignment(few) == (1_000_000, 1_000_000 * 1000 * 384)
    assert of_scores(few) == (1_000_000, 1_000_000 * 1000 * 384)
    documents, products = of_training(few)
    assert documents == 1_000_000
    assert products == (10 * 64_000 * 1000 + 2 * 64_000 * 1000) * 384
    assert of_training(Size(1000, 1, 100))[1] == 12 * 1000 * 100  # no more of a sample than documents


def test_rates_that_gave_the_figures_are_found() -> None:
    sizes = [Size(1_000_000, 384), Size(1_000_000, 384, 2000), Size(10_000_000, 384)]
    measured = [(size, 3e-6 * size.documents + 2e-11 * of_assignment(size)[1]) for size in sizes]
    found = fit("cluster_assignments", measured)
    assert found.rates == pytest.approx((3e-6, 2e-11))
    assert found.worst < 1e-6
    assert found.core_seconds(sizes[1]) == pytest.approx(measured[1][1])
    assert fit("pruned_mixtures", [(sizes[0], 20.0)]).core_seconds(sizes[2]) == pytest.approx(200)


def test_a_figure_that_no_rate_gives_is_told() -> None:
    measured = [(Size(1_000_000, 384), 10.0), (Size(2_000_000, 384), 40.0)]
    assert fit("pruned_mixtures", measured).worst > 0.2


@pytest.mark.long
@pytest.mark.in_ci
def test_it_runs_and_keeps_what_is_measured_apart_from_what_follows(tmp_path: Path) -> None:
    output = tmp_path / "scale.json"
    arguments = [
        "--documents",
        "3000",
        "--width",
        "16",
        "--ways",
        "threads:1",
        "threads:2",
        "--clusters",
        "30",
    ]
    command = [sys.executable, str(SCALE), *arguments, "--output", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    measured = json.loads(output.read_text())
    steps = [(row["step"], row["way"], row.get("clusters")) for row in measured["rows"]]
    mapped = ("cluster_assignments", "cluster_scores", "pruned_mixtures")
    assert steps == [
        ("centroids", "threads:1", None),
        *((step, "threads:1", None) for step in mapped),
        *((step, "threads:2", None) for step in mapped),
        *((step, "threads:2", 30) for step in ("centroids", *mapped[:2])),
    ]
    for row in measured["rows"]:
        assert 0 < row["core_seconds"] < 100
        assert 0 < row["anonymous_bytes"] <= row["peak_bytes"]
    told, follows = page(measured).split("Extrapolated.")
    assert "| 3,000 | cluster_scores | threads:2 |" in told
    assert "1e+09" in follows
    assert "1e+09" not in told
    assert set(fits(measured["rows"])) == {"centroids", *mapped}
