"""Signed documents: each has its own signature, in the order of doc_ids; buckets find theirs."""

from pathlib import Path

import numpy as np
from support.lake import reader_of

from assets.cluster.minhash_scores import signed_shards
from assets.cluster.scoring.minhash_documents import documents_in, gather, joined
from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of
from guyot.text.buckets import Bands, Buckets
from guyot.text.minhash_signatures import signatures
from guyot.text.shingles import shingles


def test_each_document_has_its_signature_and_is_found_by_it(lake: LakeResources, tmp_path: Path) -> None:
    reader, snapshot = reader_of(lake), snapshot_of(lake.store.required("cluster_scores"))
    signed = signed_shards(reader)
    documents = gather(reader, signed, snapshot, tmp_path)
    assert (documents.ids[1:] > documents.ids[:-1]).all()
    contents = snapshot.contents(reader, documents.ids)
    texts = [contents[one] for one in documents.ids.tolist()]
    assert np.array_equal(documents.signed[:], signatures(shingles(texts, "words", 5)))
    buckets = Buckets(documents.signed[:5], Bands(25, 5))
    found = documents_in(buckets, reader, signed, snapshot, documents.ids)
    held = buckets.hold(documents.signed[:])
    assert found.ids.tolist() == documents.ids[held].tolist()
    assert np.array_equal(found.signed[:], documents.signed[:][held])
    assert (found.row == documents.row[held]).all()
    assert (found.shard == documents.shard[held]).all()
    assert joined([found, found]).ids.tolist() == found.ids.tolist()
