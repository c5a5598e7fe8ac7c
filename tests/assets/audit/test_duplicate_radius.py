"""Duplicate radius: a recipe's own limit, against the distances of the invariance audit."""

from collections.abc import Callable

import pytest
from support.images import image_lake
from support.lake import build_asset, build_lake, spec_of

from assets.audit.duplicate_radius import distance_limit, duplicate_radius, show
from assets.graph.lake import LakeResources
from guyot.audit.invariance.radius import duplicate_radius as radius_of


def test_a_row_is_of_a_recipes_limit_and_the_distances_of_the_audit(lake: LakeResources) -> None:
    manifest = lake.store.required("duplicate_radius")
    rows = lake.store.table(manifest).to_pylist()
    moved = lake.store.table(lake.store.required("embedding_invariance")).to_pylist()
    names = {(row["kind"], row["transformation"]) for row in moved}
    limits = {}
    for recipe in lake.store.partitions("pruned_mixtures"):
        table = lake.store.table(lake.store.required("pruned_mixtures", recipe)).to_pylist()
        found = [
            r["threshold"] for r in table if r["reason"] == "near_duplicate" and r["threshold"] is not None
        ]
        if found:
            limits[recipe] = max(found)
    assert {"semdedup", "d4"} <= set(limits)
    assert "random" not in limits
    assert len(rows) == len(limits) * len(names)
    for row in rows:
        measured = [
            r for r in moved if (r["kind"], r["transformation"]) == (row["kind"], row["transformation"])
        ]
        wanted = radius_of(
            [r["magnitude"] for r in measured], [r["distance"] for r in measured], limits[row["recipe"]]
        )
        assert (row["distance_limit"], row["radius"], row["distance"], row["beyond"]) == (
            limits[row["recipe"]], wanted.magnitude, wanted.distance, wanted.beyond)  # fmt: skip
        assert row["n"] == measured[0]["n"]
    assert {row["radius"] for row in rows} > {0.0, 1.0}, "the limits decide something here"
    shown = show(duplicate_radius.reader(lake), manifest)
    assert set(shown) == {"said", *limits}
    assert f"semdedup (nearer than {limits['semdedup']:.3g}) takes for copies" in shown["said"]
    assert "| python | " in str(shown["semdedup"].value)


def test_a_mixture_without_such_duplicates_has_no_limit(lake: LakeResources) -> None:
    reader = duplicate_radius.reader(lake)
    assert distance_limit(reader, lake.store.required("pruned_mixtures", "everything")) is None
    assert distance_limit(reader, lake.store.required("pruned_mixtures", "minhash")) is None


def test_it_is_stale_when_a_mixture_or_the_audit_is_another(
    lake: LakeResources, changed: Callable[..., LakeResources]
) -> None:
    before = spec_of(lake, "duplicate_radius")
    assert {"embedding_invariance", "pruned_mixtures/semdedup"} <= set(before.inputs)
    other = changed(audit__invariance_sample_size=4)
    build_asset(other, "embedding_invariance")
    assert spec_of(other, "duplicate_radius").version != before.version


def test_images_have_radii_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    lake = image_lake(tmp_path_factory.mktemp("images"), 12, **{"audit.invariance_image_sample_size": 3})
    build_lake(lake, until="duplicate_radius", recipes=["semdedup", "everything"])
    rows = lake.store.table(lake.store.required("duplicate_radius")).to_pylist()
    assert {(row["recipe"], row["kind"]) for row in rows} == {("semdedup", "image")}
    assert len(rows) == 11
