"""Held-out documents: a sample by the seed alone, each with what was held out whole with it."""

import dataclasses

import numpy as np

from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of
from assets.train.evaluations import evaluations
from assets.train.inputs.held_out_documents import held_out_documents


def test_documents_come_with_size_kind_and_group(lake: LakeResources) -> None:
    reader = evaluations.reader(lake)
    snapshot = snapshot_of(reader.required("pruned_mixtures", "d4"))
    found = held_out_documents(reader, lake.settings, snapshot)
    rows = {
        row["doc_id"]: row
        for shard in lake.shards()
        for row in lake.store.table(lake.store.required("raw_shards", shard)).to_pylist()
    }
    wanted = sorted(name for name, row in rows.items() if row["split"] == "held_out")
    assert [name.decode() for name in found.ids] == wanted
    for name, size, kind, group in zip(wanted, found.sizes, found.kinds, found.groups, strict=True):
        row = rows[name]
        assert (size, kind) == (len(row["content"].encode()), row["kind"])
        path, key = row["source_path"], row["record_key"]
        assert group == (f"{path}#{key}" if key else path.split("/")[0])
    assert len(set(found.groups)) < len(wanted)


def test_a_smaller_sample_is_part_of_a_larger_one(lake: LakeResources) -> None:
    reader = evaluations.reader(lake)
    snapshot = snapshot_of(reader.required("pruned_mixtures", "d4"))
    all_of_them = set(held_out_documents(reader, lake.settings, snapshot).ids.tolist())
    few: set[bytes] = set()
    for size in (1, 3, 6):
        training = lake.settings.training.model_copy(update={"evaluation_documents": size})
        settings = lake.settings.model_copy(update={"training": training})
        drawn = held_out_documents(reader, settings, snapshot).ids
        assert (np.diff(np.argsort(drawn)) == 1).all()
        assert len(drawn) == size
        assert few < set(drawn.tolist()) <= all_of_them
        few = set(drawn.tolist())
    assert dataclasses.is_dataclass(held_out_documents(reader, lake.settings, snapshot))
