"""Corruption sensitivity: the tables are those of the library, pictures are drawn, and the check warns."""

from typing import Any

import dagster as dg
import numpy as np
import pytest
from support.lake import build_asset

from assets.audit.corruption_sensitivity import (
    GROUPS,
    RECALL,
    corruption_sensitivity,
    encoder_is_sensitive_to_corruptions,
    show,
)
from assets.audit.inputs.corruption_probes import probe, sample
from assets.graph.lake import LakeResources
from assets.graph.snapshot import take
from guyot.audit.corruption.edits import CONTENT, FAMILIES, SYNTAX
from guyot.audit.corruption.recall import ALPHAS, DROPPED, synthetic_recall
from guyot.audit.corruption.sensitivity import responses


def test_the_rows_are_what_the_library_says_of_the_probes(lake: LakeResources) -> None:
    manifest = lake.store.required("corruption_sensitivity")
    taken = take(lake, ("raw_shards", "cluster_assignments"))
    drawn = sample(corruption_sensitivity.reader(lake), taken, lake.settings)
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
    recalls = lake.store.table(manifest, RECALL.file).to_pylist()
    wanted = synthetic_recall(found.parents, found.copies, drawn.sizes, GROUPS, draws=20, seed=0)
    assert len(recalls) == len(wanted) == (len(ALPHAS) + 2) * len(DROPPED) * (3 + len(rows))
    assert [
        (r["method"], r["alpha"], r["drop_fraction"], r["family"], r["recall"], r["n"]) for r in recalls
    ] == [(r.method, r.alpha, r.dropped, r.group, r.found.value, r.found.n) for r in wanted]
    assert manifest.facts["passes"] == any(row["passes"] for row in rows)
    (shown,) = [r for r in recalls if (r["alpha"], r["drop_fraction"], r["family"]) == (0.8, 0.2, "all")]
    assert f"drops {shown['recall']:.2f} (" in manifest.facts["said"]
    assert f"and {shown['baseline']:.2f} of the same documents clean" in manifest.facts["said"]


def test_the_groups_are_the_families_of_their_kind() -> None:
    for name, families in (("all", FAMILIES), ("syntax", SYNTAX), ("content", CONTENT)):
        assert [FAMILIES[number] for number in GROUPS[name]] == list(families)
    assert all(GROUPS[f] == (i,) for i, f in enumerate(FAMILIES))


def test_it_is_shown_with_its_pictures_and_made_once(changed: Any) -> None:
    lake = changed(audit__corruption_sample_size=12)
    (built,) = build_asset(lake, "corruption_sensitivity")
    assert built.manifest
    shown = show(corruption_sensitivity.reader(lake), built.manifest)
    assert shown["documents"] == 12
    for name in ("changes", "recall"):
        assert str(shown[name].value).startswith("![chart](data:image/png;base64,")
    assert "closing_brackets" in str(shown["table"].value)
    (again,) = build_asset(lake, "corruption_sensitivity")
    assert again.reused
    assert again.manifest == built.manifest


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"audit.corruption_sample_size": 7}, False), ({"seed": 1}, False), ({"audit.bootstrap_draws": 5}, False),
        ({"block_rows": 7}, True), ({"training.tokens": 9}, True),
    ],
)  # fmt: skip
def test_only_its_own_settings_make_it_stale(lake: LakeResources, change: dict[str, int], same: bool) -> None:
    other = LakeResources(lake.settings.changed(**change))
    assert corruption_sensitivity.spec(other).is_live(lake.store) == same


def test_too_few_documents_to_plant_in_have_no_recall(changed: Any) -> None:
    lake = changed(audit__corruption_sample_size=4)
    build_asset(lake, "corruption_sensitivity")
    manifest = lake.store.required("corruption_sensitivity")
    assert "recall" not in show(corruption_sensitivity.reader(lake), manifest)
    assert manifest.files[RECALL.file].rows == 0
    assert manifest.rows > 0


def test_the_check_warns_of_an_encoder_that_feels_nothing(
    changed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = changed(audit__corruption_sample_size=99)  # so that the audit is made anew
    kind = type(lake.encoder.load())
    monkeypatch.setattr(
        kind, "encode", lambda self, texts: np.tile(np.eye(1, self.width, dtype=np.float32), (len(texts), 1))
    )
    build_asset(lake, "corruption_sensitivity")
    evaluation = encoder_is_sensitive_to_corruptions.result(lake)
    assert not evaluation.passed
    assert evaluation.severity == dg.AssetCheckSeverity.WARN
    assert not encoder_is_sensitive_to_corruptions.blocking
    assert "0 of 5 families" in str(evaluation.description)
    assert "another encoder" in str(evaluation.description)
    rows = lake.store.table(lake.store.required("corruption_sensitivity")).to_pylist()
    assert {(row["farther"], row["unmoved"]) for row in rows} == {(0.0, 1.0)}
