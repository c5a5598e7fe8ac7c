"""Corruption sensitivity: the tables are those of the library, pictures are drawn, and the check warns."""

from typing import Any

import dagster as dg
import numpy as np
import pytest
from support.corpus import resources_of

from assets.audit import corruption_sensitivity
from assets.audit.corruption_probes import probe, sample
from assets.graph.plan import Lake
from guyot.audit.corruption.edits import CONTENT, FAMILIES, SYNTAX
from guyot.audit.corruption.recall import ALPHAS, DROPPED, planted_recall
from guyot.audit.corruption.sensitivity import responses

SOURCES = [dg.AssetSpec(name) for name in ("raw_shards", "centroids", "cluster_assignments")]


def run(lake: Lake) -> dg.ExecuteInProcessResult:
    assets = [
        corruption_sensitivity.corruption_sensitivity,
        corruption_sensitivity.the_encoder_feels_corruptions,
    ]
    found = dg.materialize([*assets, *SOURCES], resources=resources_of(lake))
    assert found.success
    return found


def test_the_rows_are_what_the_library_says_of_the_probes(lake: Lake) -> None:
    manifest = lake.store.required("corruption_sensitivity")
    drawn = sample(lake.store, lake.settings)
    trained = lake.store.vectors(lake.store.required("centroids"))[:]
    found = probe(drawn, trained, lake.encoder, lake.settings)
    measured = responses(found.parents, found.copies, drawn.sizes, FAMILIES, draws=20, seed=0)
    rows = lake.store.table(manifest).to_pylist()
    assert [row["family"] for row in rows] == [response.family for response in measured]
    assert 3 < len(rows) < len(FAMILIES), "the source has no conditions"
    for row, response in zip(rows, measured, strict=True):
        assert row["kind"] == ("syntax" if row["family"] in SYNTAX else "content")
        for name in ("farther", "smaller", "change"):
            interval = getattr(response, name)
            assert [row[f"{name}{end}"] for end in ("", "_low", "_high")] == [
                interval.value, interval.low, interval.high]  # fmt: skip
        assert (row["n"], row["unmoved"], row["passes"]) == (
            response.n,
            response.unmoved,
            response.is_sensitive,
        )
    recalls = lake.store.table(manifest, corruption_sensitivity.RECALL).to_pylist()
    groups = corruption_sensitivity.GROUPS
    wanted = planted_recall(found.parents, found.copies, drawn.sizes, groups, draws=20, seed=0)
    assert len(recalls) == len(wanted) == (len(ALPHAS) + 2) * len(DROPPED) * (3 + len(rows))
    assert [(r["method"], r["alpha"], r["p"], r["family"], r["recall"], r["n"]) for r in recalls] == [
        (r.method, r.alpha, r.dropped, r.group, r.found.value, r.found.n) for r in wanted
    ]
    assert manifest.facts["passes"] == any(row["passes"] for row in rows)
    (shown,) = [r for r in recalls if (r["alpha"], r["p"], r["family"]) == (0.8, 0.2, "all")]
    assert f"drops {shown['recall']:.2f} (" in manifest.facts["said"]
    assert f"and {shown['clean']:.2f} of the same documents clean" in manifest.facts["said"]


def test_the_groups_are_the_families_of_their_kind() -> None:
    for name, families in (("all", FAMILIES), ("syntax", SYNTAX), ("content", CONTENT)):
        assert [FAMILIES[number] for number in corruption_sensitivity.GROUPS[name]] == list(families)
    assert all(corruption_sensitivity.GROUPS[f] == (i,) for i, f in enumerate(FAMILIES))


def test_it_is_shown_with_its_pictures_and_made_once(changed: Any) -> None:
    lake = changed(audit__corruption_sample_size=12)
    before = run(lake)
    (event,) = before.get_asset_materialization_events()
    shown = event.materialization.metadata
    assert shown["documents"].value == 12
    for name in ("changes", "recall"):
        assert str(shown[name].value).startswith("![chart](data:image/png;base64,")
    assert "closing_brackets" in str(shown["table"].value)
    manifest = lake.store.required("corruption_sensitivity")
    run(lake)
    assert lake.store.required("corruption_sensitivity") == manifest


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"audit.corruption_sample_size": 7}, False), ({"seed": 1}, False), ({"audit.bootstrap_draws": 5}, False),
        ({"block_rows": 7}, True), ({"training.tokens": 9}, True),
    ],
)  # fmt: skip
def test_only_its_own_settings_make_it_stale(lake: Lake, change: dict[str, int], same: bool) -> None:
    other = lake.settings.changed(**change)
    build_spec = corruption_sensitivity.spec(lake.store, other, lake.encoder)
    assert build_spec.is_live(lake.store) == same


def test_too_few_documents_to_plant_in_have_no_recall(changed: Any) -> None:
    lake = changed(audit__corruption_sample_size=4)
    (event,) = run(lake).get_asset_materialization_events()
    assert "recall" not in event.materialization.metadata
    manifest = lake.store.required("corruption_sensitivity")
    assert manifest.files[corruption_sensitivity.RECALL].rows == 0
    assert manifest.rows > 0


def test_the_check_warns_of_an_encoder_that_feels_nothing(
    changed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = changed()
    kind = type(lake.encoder.load())
    monkeypatch.setattr(
        kind, "encode", lambda self, texts: np.tile(np.eye(1, self.width, dtype=np.float32), (len(texts), 1))
    )
    lake = changed_again(lake)
    (evaluation,) = run(lake).get_asset_check_evaluations()
    assert not evaluation.passed
    assert evaluation.severity == dg.AssetCheckSeverity.WARN
    assert not evaluation.blocking
    assert "0 of 5 families" in str(evaluation.description)
    assert "another encoder" in str(evaluation.description)
    rows = lake.store.table(lake.store.required("corruption_sensitivity")).to_pylist()
    assert {(row["farther"], row["unmoved"]) for row in rows} == {(0.0, 1.0)}


def changed_again(lake: Lake) -> Lake:
    """Return the lake with one more document drawn, so that the audit is made anew."""
    from support.corpus import lake_at

    return lake_at(lake.store.root, lake.settings.source, audit__corruption_sample_size=99)
