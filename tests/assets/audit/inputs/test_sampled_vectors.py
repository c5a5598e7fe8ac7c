"""Rows of the factor audit from vectors made by hand: spheres look alike at every yaw, and cubes do not."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from assets.audit.inputs import sampled_vectors
from assets.audit.inputs.factor_tables import COPIES, DECODABILITY, DIFFERENCES
from assets.audit.inputs.known_factors import KnownFactors
from assets.audit.inputs.sampled_vectors import OTHER, SampledVectors
from assets.graph.doc_ids import SortedIds
from assets.graph.snapshot import Snapshot
from guyot.audit.factors.factor import factor_of
from guyot.vectors.exact import unit_float16

ANGLES = (0.0, 90.0, 180.0)
SETTINGS = cast(
    Any, SimpleNamespace(seed=0, audit=SimpleNamespace(bootstrap_draws=9, duplicate_variant_column="variant"))
)
SHAPES = ["sphere"] * 3 + ["cube"] * 3
N = len(SHAPES) + 1  # the last is a copy of the first cube


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> KnownFactors:
    points = np.zeros((N, 4), np.float32)
    points[:3, 0] = 1
    points[3:6, 1:] = np.eye(3)
    points[6] = (0, 0.8, 0.6, 0)
    vectors = unit_float16(points)
    monkeypatch.setattr(sampled_vectors, "vectors_of", lambda reader, found, rows: vectors[rows])
    nearest = (np.array([1, 6]), np.array([0, 3]), np.array([0.25, 0.2]))
    monkeypatch.setattr(sampled_vectors, "nearest_earlier", lambda reader, known: nearest)
    groups: list[str | float | None] = ["a", "b", "c", "d", "e", "f", "d"]
    return KnownFactors(
        SortedIds.of(np.array([f"{i:032x}".encode() for i in range(N)])),
        [factor_of("shape", [*SHAPES, "cube"]), factor_of("yaw", [*ANGLES, *ANGLES, 0.0])],
        {}, factor_of("group", groups), factor_of("variant", [*[""] * 6, "turned"]), Snapshot({}),
    )  # fmt: skip


def test_distances_are_of_pairs_that_differ_in_one_factor_and_are_no_copies(found: KnownFactors) -> None:
    sampled = SampledVectors.of(cast(Any, None), found, np.arange(N), SETTINGS)
    rows = sampled.difference_rows(found)
    assert [list(row) for row in rows] == [DIFFERENCES.names] * len(rows)
    by_shape = {
        row["level"]: (row["pairs"], row["median"])
        for row in rows if (row["factor"], row["by_factor"]) == ("yaw", "shape")
    }  # fmt: skip
    assert by_shape == {"sphere": (3, 0.0), "cube": (3, 1.0)}
    assert [row["pairs"] for row in rows if not row["by_factor"]] == [3, 6]


def test_copies_are_as_far_as_their_vectors(found: KnownFactors) -> None:
    rows = SampledVectors.of(cast(Any, None), found, np.arange(N), SETTINGS).copy_rows(cast(Any, None), found)
    assert [list(row) for row in rows] == [COPIES.names] * 2
    assert (rows[0]["variant"], rows[0]["pairs"]) == ("turned", 1)
    assert rows[0]["median"] == pytest.approx(0.2, abs=1e-3)
    assert (rows[1]["variant"], rows[1]["pairs"], rows[1]["median"]) == (OTHER, 1, 0.25)


def test_what_is_read_is_laid_out_and_nothing_where_no_factor_is_known(
    found: KnownFactors, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}

    def read(vectors: Any, factors: Any, group: Any, **rest: Any) -> list[Any]:
        seen.update(shape=vectors.shape, group=group.tolist(), levels=factors[0].level.tolist())
        score = SimpleNamespace(value=0.5, low=0.4, high=0.6, n=3)
        return [SimpleNamespace(name="shape", measure="m", score=score, levels=2, chance=0.5, control=0.4)]

    monkeypatch.setattr(sampled_vectors, "decodability", read)
    sample = np.array([0, 3, 6])
    rows = SampledVectors.of(cast(Any, None), found, sample, SETTINGS).decodability_rows(found, SETTINGS)
    assert [list(row) for row in rows] == [DECODABILITY.names]
    assert seen["shape"] == (3, 4)
    assert seen["group"] == [0, 3, 3], "copies have one group"
    assert seen["levels"] == [1, 0, 0]
    none = SampledVectors.of(
        cast(Any, None), KnownFactors(found.known, [], {}, found.group, found.variant, found.snapshot),
        sample, SETTINGS,
    )  # fmt: skip
    assert none.decodability_rows(found, SETTINGS) == none.copy_rows(cast(Any, None), found) == []
