"""Segments' tokens are cut out of their documents' tokens, in the order of the schedule."""

import numpy as np
from support.lake import reader_of

from assets.graph.doc_ids import ids_of
from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of
from assets.train.inputs.segment_tokens import segment_tokens
from assets.train.inputs.stored_tokens import stored_tokens
from guyot.train.plan import plan
from guyot.train.schedule import segments


def test_segments_are_pieces_of_documents_in_order(lake: LakeResources) -> None:
    reader = reader_of(lake)
    snapshot, tokenizer = snapshot_of(reader.required("cluster_scores")), reader.required("tokenizer")
    ids = np.sort(ids_of(snapshot.table(reader, "raw_shards", ["doc_id"])["doc_id"]))[::3]
    whole = dict(stored_tokens(reader, snapshot, tokenizer, ids))
    counts = np.array([len(whole[row]) for row in range(len(ids))])
    schedule = plan(counts, int(counts.sum() * 1.5), 0, segment_tokens=16)
    found = list(segment_tokens(reader, snapshot, tokenizer, ids, schedule))
    wanted = [whole[s.row][s.first_token : s.first_token + s.n_tokens] for s in segments(schedule)]
    assert len(found) == len(wanted)
    assert all(np.array_equal(one, other) for one, other in zip(found, wanted, strict=True))
