"""The two parts of what is held out share no group, and each is about half."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.lake import reader_of

from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of
from assets.ingest.tokenizer import open_tokenizer
from assets.train.inputs.held_out_documents import held_out_documents
from assets.train.inputs.held_out_parts import TextPart, choosing, held_out_parts
from guyot.errors import EvaluationError

GROUPS = st.lists(st.sampled_from("abcd"), min_size=2, max_size=30)


@given(GROUPS, st.integers(0, 3))
def test_no_group_is_on_both_sides_and_neither_is_empty(groups: list[str], seed: int) -> None:
    ids = [str(place) for place in range(len(groups))]
    chooses = choosing(groups, ids, seed)
    assert 0 < chooses.sum() < len(groups)
    groups = groups if len(set(groups)) > 1 else ids
    sides = {(group, bool(side)) for group, side in zip(groups, chooses, strict=True)}
    assert len(sides) == len(set(groups))
    largest = max(Counter(groups).values())
    assert abs(int(chooses.sum()) - len(groups) / 2) <= largest


def test_many_small_groups_are_halved_and_the_seed_decides_which() -> None:
    groups = [f"p{i:03}" for i in range(200)]
    parts = [choosing(groups, groups, seed) for seed in (0, 1)]
    assert [int(part.sum()) for part in parts] == [100, 100]
    assert not np.array_equal(*parts)


def test_a_single_document_cannot_be_divided() -> None:
    with pytest.raises(EvaluationError, match="1 documents are held out; soups need 2 or more"):
        choosing(["a"], ["1"], 0)


def test_the_parts_are_the_documents_of_the_evaluations(lake: LakeResources) -> None:
    reader = reader_of(lake)
    snapshot, tokenizer = snapshot_of(reader.required("cluster_scores")), reader.required("tokenizer")
    parts = held_out_parts(reader, lake.settings, snapshot, tokenizer)
    ids = held_out_documents(reader, lake.settings, snapshot).ids
    documents = snapshot.table(reader, "raw_shards", ["doc_id", "content", "source_path"]).to_pylist()
    texts = {row["doc_id"]: row for row in documents}
    limit = lake.settings.training.evaluation_tokens
    encoder = open_tokenizer(reader)
    wanted = Counter(
        tuple(encoder.encode([texts[one.decode()]["content"]])[0][:limit].tolist()) for one in ids.tolist()
    )
    found = Counter(tuple(tokens.tolist()) for part in parts for tokens in part.tokens)
    assert found == wanted
    for part in parts:
        assert part.scored_bytes.tolist() == [int(encoder.token_bytes[one].sum()) for one in part.tokens]


def test_the_first_documents_of_a_part() -> None:
    part = TextPart([np.zeros(n, np.int32) for n in (3, 4, 5)], np.array([1, 2, 3]))
    assert [part.first(n).scored_bytes.tolist() for n in (1, 3, 7, 11, 12, 99)] == [
        [1],
        [1],
        [1, 2],
        [1, 2],
        [1, 2, 3],
        [1, 2, 3],
    ]
