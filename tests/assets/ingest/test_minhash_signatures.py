"""Signatures of a shard: those of each document alone, in the shard's order, remade when shingles change."""

from pathlib import Path

import numpy as np
import pytest
from support.lake import copy_of, spec_of

from assets.graph.lake import LakeResources
from guyot.text.minhash_signatures import signatures
from guyot.text.shingles import shingles


def test_each_document_is_signed_as_if_alone(lake: LakeResources) -> None:
    for shard in lake.shards():
        raw = lake.store.table(lake.store.required("raw_shards", shard)).to_pylist()
        found = lake.store.table(lake.store.required("minhash_signatures", shard)).to_pylist()
        assert [row["doc_id"] for row in found] == [row["doc_id"] for row in raw]
        for row, document in zip(found, raw, strict=True):
            assert row["signature"] == signatures(shingles([document["content"]], "words", 5))[0].tolist()


@pytest.mark.parametrize("changed", [{"minhash.shingle_unit": "characters"}, {"minhash.shingle_size": 3}])
def test_other_shingles_are_other_signatures(
    lake: LakeResources, tmp_path: Path, changed: dict[str, object]
) -> None:
    copy = copy_of(lake, tmp_path / "copy", **changed)
    shard = copy.shards()[0]
    assert spec_of(lake, "minhash_signatures", shard).is_live(lake.store)
    assert not spec_of(copy, "minhash_signatures", shard).is_live(copy.store)


def test_the_signature_is_a_list_of_128(lake: LakeResources) -> None:
    table = lake.store.table(lake.store.required("minhash_signatures", lake.shards()[0]))
    assert np.asarray(table["signature"].combine_chunks().flatten()).shape == (128 * table.num_rows,)
