"""Mean learning curves, worked out by hand, and which of them can be compared."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from assets.graph.lake import LakeResources
from assets.train.comparing.mean_curves import CURVES, MeanCurve, curve_rows, efficiency, mean_curves
from assets.train.leaderboard import leaderboard
from assets.train.training_runs import CURVE
from resources.lake.manifest import Manifest

TOKENS = (0, 100, 200)
NOTHING = {"tokens_to_random": None, "tokens_to_random_fraction": None}


def run(
    lake: LakeResources,
    key: str,
    bits: list[float] | None,
    curve: str = "one",
    tokens: tuple[int, ...] = TOKENS,
) -> Manifest:
    """Write an evaluated run with a learning curve, or one of before there were any."""
    with lake.store.write(
        "training_runs", key, inputs={}, settings={"run": [curve, bits]}, code=""
    ) as writer:
        writer.table(pa.table({"run": [key]}))
        if bits is not None:
            writer.table(pa.table([tokens, bits], schema=CURVE.schema), CURVE.file)
            writer.facts["curve"] = curve
    inputs = {"training_runs": lake.store.required("training_runs", key).version}
    with lake.store.write("evaluations", key, inputs=inputs, settings={}, code="") as writer:
        writer.table(pa.table({"run": [key]}))
    return lake.store.required("evaluations", key)


def test_means_are_over_the_runs_that_the_baselines_curves_can_be_laid_over(changed: Any) -> None:
    lake = changed()
    evaluations = {
        "d4": [run(lake, "d4/0", [9, 4, 2]), run(lake, "d4/10", [8, 5, 4]), run(lake, "d4/2", [8, 5, 1], "other")],
        "random": [run(lake, "random/0", [9, 6, 3]), run(lake, "random/1", None), run(lake, "random/2", [9, 5, 2])],
        "length": [run(lake, "length/0", [9, 6, 3], tokens=(0, 100, 300))],
        "scip": [run(lake, "scip/0", None), *(run(lake, f"scip/{n}", [9, 6, 3], "other") for n in range(1, 6))],
    }  # fmt: skip
    found = mean_curves(leaderboard.reader(lake), evaluations, "random")
    assert list(found) == ["d4", "random"]
    assert (found["d4"].seeds.tolist(), found["d4"].tokens.tolist()) == ([0, 10], list(TOKENS))
    assert found["d4"].bits.tolist() == [[9, 4, 2], [8, 5, 4]]
    assert curve_rows(found).to_pylist() == [
        {"recipe": recipe, "tokens": tokens, "bits_per_byte": bits, "runs": 2}
        for recipe, curve in (("d4", (8.5, 4.5, 3.0)), ("random", (9.0, 5.5, 2.5)))
        for tokens, bits in zip(TOKENS, curve, strict=True)
    ]
    # only the runs of seed 0 are a pair: random ends at 3, and d4/0 is half way from 4 to 2 there
    assert efficiency(found["d4"], found["random"]) == {
        "tokens_to_random": 150.0, "tokens_to_random_fraction": 0.75,
    }  # fmt: skip
    assert efficiency(found["random"], found["random"]) == {
        "tokens_to_random": 200.0, "tokens_to_random_fraction": 1.0,
    }  # fmt: skip


def test_without_a_baseline_the_curves_of_most_runs_are_shown(changed: Any) -> None:
    lake = changed()
    evaluations = {
        "d4": [run(lake, "d4/0", [9, 4, 2], "other")],
        "scip": [run(lake, "scip/0", [9, 4, 2]), run(lake, "scip/1", [9, 4, 2])],
    }
    reader = leaderboard.reader(lake)
    assert list(mean_curves(reader, evaluations, "random")) == ["scip"]
    assert mean_curves(reader, {"d4": [run(lake, "d4/0", None)]}, "random") == {}
    empty = {"d4": [run(lake, "d4/0", [], tokens=())]}
    assert mean_curves(reader, empty, "random") == {}, "no points were asked for"
    assert curve_rows({}).schema == CURVES.schema


@pytest.mark.parametrize("seeds", [(0, 1), (5,)])
def test_a_value_that_is_never_reached_and_runs_without_a_common_seed_have_no_tokens(
    seeds: tuple[int, ...],
) -> None:
    random = MeanCurve(np.array([0, 1]), np.array(TOKENS), np.array([[9.0, 5, 2], [9, 5, 2]]))
    bits = np.array([[9.0, 5, 2.5], [9, 5, 1.6]])[: len(seeds)]
    own = MeanCurve(np.array(seeds), np.array(TOKENS), bits)
    assert efficiency(own, random) == NOTHING
    assert efficiency(own, None) == efficiency(None, random) == NOTHING
