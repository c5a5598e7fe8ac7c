"""`guyot soup` of runs of a lake: the file, the figures and the shares that the graph's own soup has."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from support.lake import guyot
from support.soups import RECIPE, RUNS, soup_lake

from assets.graph.lake import LakeResources
from guyot.errors import MissingError, SettingError
from jobs.cli import soup


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return soup_lake(tmp_path_factory)


@pytest.mark.long
@pytest.mark.in_ci
def test_runs_are_souped_by_the_command(lake: LakeResources, tmp_path: Path) -> None:
    out = tmp_path / "soup.safetensors"
    said = guyot(lake, "soup", *RUNS, "--method", "greedy", "--out", str(out))
    rows = {
        row["method"]: row for row in lake.store.table(lake.store.required("model_soups", RECIPE)).to_pylist()
    }
    for method in ("best_ingredient", "greedy"):
        row = rows[method]
        figures = [f"{row[name]:.3f}" for name in ("bits_per_byte", "bits_per_byte_choosing")]
        (line,) = [line for line in said.splitlines() if line.startswith(f"  {method}: ")]
        assert all(figure in line for figure in figures)
    assert said.count("barrier between semdedup/") == 3
    assert (
        f"bits per byte on {row['n']} held-out documents, and on {row['n_choosing']} others that choose"
        in said
    )
    assert f"soup: {out}, {out.stat().st_size:,} bytes" in said
    assert "warning" not in said
    wanted = load_file(Path(lake.store.root) / rows["greedy"]["checkpoint"])
    found = load_file(out)
    assert all(np.array_equal(found[name], wanted[name]) for name in wanted)


def test_a_run_that_is_not_there_is_named(
    lake: LakeResources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUYOT_LAKE", lake.store.root)
    with pytest.raises(
        MissingError, match="run d4/7 was asked for; the lake .* has d4/0, everything/0, semdedup/0"
    ):
        soup.soup_of_runs(["d4/7", RUNS[0]], "uniform", tmp_path / "s.safetensors", None, None)
    with pytest.raises(SettingError, match="there is no folder"):
        soup.soup_of_runs(RUNS, "uniform", tmp_path / "no" / "s.safetensors", None, None)
