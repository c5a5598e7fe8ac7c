"""Similarities from a lake's texts are those of the texts' shingle sets."""

from pathlib import Path

import numpy as np
from support.lake import reader_of

from assets.cluster.minhash_scores import signed_shards
from assets.cluster.scoring.minhash_documents import gather
from assets.cluster.scoring.minhash_similarities import Shingling, TextReader, similarities
from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of
from guyot.seeds import generator


def test_similarities_are_those_of_sets_of_words(lake: LakeResources, tmp_path: Path) -> None:
    reader, snapshot = reader_of(lake), snapshot_of(lake.store.required("cluster_scores"))
    documents = gather(reader, signed_shards(reader), snapshot, tmp_path)
    contents = snapshot.contents(reader, documents.ids)
    texts = [contents[one] for one in documents.ids.tolist()]
    read = [""] * len(texts)
    for numbers, some in TextReader(reader, snapshot, documents.shard, documents.row).batches():
        for number, text in zip(numbers, some, strict=True):
            read[number] = text
    assert read == texts
    sets = [{tuple(w[i : i + 2]) for i in range(max(1, len(w) - 1))} for w in map(str.split, texts)]
    pairs = generator(0, "pairs").integers(0, len(texts), (200, 2))
    found = similarities(reader, Shingling("words", 2), snapshot, documents, pairs, tmp_path)
    wanted = [len(sets[a] & sets[b]) / len(sets[a] | sets[b]) for a, b in pairs.tolist()]
    assert np.array_equal(found, wanted)
