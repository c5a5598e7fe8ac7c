"""Probes: drawn by doc_id alone, of training code, and each copy told from its parent by its edits."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from support.lake import build_lake, lake_at

from assets.audit.corruption_sensitivity import corruption_sensitivity, encoder_is_sensitive_to_corruptions
from assets.audit.inputs import corruption_probes
from assets.audit.inputs.corruption_probes import PROBES, Sample, probe, sample
from assets.graph.lake import LakeResources
from assets.graph.snapshot import take
from guyot.audit.corruption.edits import Edit, applied, corrupt, normalised
from guyot.cluster.assign import assign
from guyot.vectors.exact import unit_float16


def documents(lake: LakeResources) -> dict[str, dict[str, Any]]:
    tables = [lake.store.table(lake.store.required("raw_shards", s)) for s in lake.shards()]
    return {row["doc_id"]: row for table in tables for row in table.to_pylist()}


def sample_of(lake: LakeResources, **settings: int) -> Sample:
    taken = take(lake, ("raw_shards", "cluster_assignments"))
    return sample(corruption_sensitivity.reader(lake), taken, lake.settings.changed(**settings))


def test_the_sample_is_of_training_code_and_of_each_documents_own_lot(changed: Any) -> None:
    lake = changed(audit__corruption_sample_size=10)
    known = documents(lake)
    drawn = sample_of(lake)
    ids = [doc_id.decode() for doc_id in drawn.ids]
    assert len(ids) == 10
    assert ids == sorted(ids)
    assert drawn.contents == [known[doc_id]["content"] for doc_id in ids]
    assert all((known[i]["kind"], known[i]["split"]) == ("python", "train") for i in ids)
    everything = sample_of(lake, audit__corruption_sample_size=1000)
    python = [d for d, row in known.items() if (row["kind"], row["split"]) == ("python", "train")]
    assert [doc_id.decode() for doc_id in everything.ids] == sorted(python)
    fewer = sample_of(lake, audit__corruption_sample_size=9)
    assert set(fewer.ids) < set(drawn.ids), "a lot does not depend on how many are drawn"
    other = sample_of(lake, seed=1, audit__corruption_sample_size=10)
    assert set(other.ids) != set(drawn.ids)


def test_sizes_count_the_training_documents_of_each_cluster(lake: LakeResources) -> None:
    known = documents(lake)
    sizes = [0] * lake.store.required("centroids").rows
    for shard in lake.shards():
        for row in lake.store.table(lake.store.required("cluster_assignments", shard)).to_pylist():
            sizes[row["cluster"]] += known[row["doc_id"]]["split"] == "train"
    assert sample_of(lake).sizes.tolist() == sizes


def test_every_copy_can_be_made_again_of_its_parent_and_lies_where_it_says(lake: LakeResources) -> None:
    known = documents(lake)
    manifest = lake.store.required("corruption_sensitivity")
    rows = lake.store.table(manifest, PROBES.file).to_pylist()
    centroids = lake.store.vectors(lake.store.required("centroids"))[:]
    assert len(rows) == sum(lake.store.table(manifest)["n"].to_pylist()) > 50
    encoder = lake.encoder.load()
    for row in rows:
        parent = normalised(known[row["doc_id"]]["content"])
        assert parent is not None
        text = applied(parent.text, tuple(Edit(**edit) for edit in json.loads(row["edits"])))
        again = corrupt(parent, row["family"], seed=lake.settings.seed, key=row["doc_id"])
        assert again is not None
        assert again.text == text
        found = assign(unit_float16(encoder.encode([parent.text, text])), centroids)
        assert found.cluster.tolist() == [row["cluster_before"], row["cluster_after"]]
        assert found.distance.tolist() == [row["distance_before"], row["distance_after"]]


def test_what_does_not_parse_is_empty_or_too_long_is_passed_over(
    lake: LakeResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corruption_probes, "MAX_CHARS", 30)
    contents = ["def (:", "# nothing but a comment", "a = 1\n" * 9, "b = f(1, 2)"]
    ids = np.array([f"{i:032x}" for i in range(4)], "S32")
    trained = lake.store.vectors(lake.store.required("centroids"))[:]
    found = probe(
        Sample(ids, contents, np.ones(len(trained), np.int64)), trained, lake.encoder, lake.settings
    )
    assert found.ids == [ids[3].decode()]
    assert {copy.family for copy in found.made} == {
        "closing_brackets", "odd_names", "invalid_names", "swapped_arguments", "altered_numbers"}  # fmt: skip
    assert found.table()["doc_id"].to_pylist() == [ids[3].decode()] * 5


def test_blocks_of_parents_do_not_matter(lake: LakeResources, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = sample_of(lake)
    trained = lake.store.vectors(lake.store.required("centroids"))[:]
    whole = probe(drawn, trained, lake.encoder, lake.settings)
    monkeypatch.setattr(corruption_probes, "_PARENTS_AT_ONCE", 3)
    assert probe(drawn, trained, lake.encoder, lake.settings).table().equals(whole.table())
    assert whole.table().schema == PROBES.schema
    none = probe(Sample(drawn.ids[:0], [], drawn.sizes), trained, lake.encoder, lake.settings)
    assert none.table().equals(pa.table(whole.table()[:0]))


def test_a_lake_of_prose_is_probed_with_nothing(tmp_path: Any) -> None:
    source = tmp_path / "source"
    for number in range(8):
        (source / f"folder{number}").mkdir(parents=True)
        (source / f"folder{number}" / "notes.md").write_text(f"# Notes {number}\nSome words, {number * 7}.\n")
    lake = lake_at(tmp_path / "lake", source)
    build_lake(lake, until="corruption_sensitivity")
    manifest = lake.store.required("corruption_sensitivity")
    assert manifest.rows == 0
    assert manifest.facts["passes"] is None
    assert "no Python documents" in manifest.facts["said"]
    for table in corruption_sensitivity.tables:
        assert lake.store.table(manifest, table.file).equals(table.schema.empty_table())
    check = encoder_is_sensitive_to_corruptions.result(lake)
    assert check.passed
    assert "nothing is known" in str(check.description)
