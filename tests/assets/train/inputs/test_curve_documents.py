"""Documents of learning curves: held-out ones, the same for all recipes, within the tokens asked for."""

from typing import Any

import numpy as np
import pytest
from support.lake import TRAINED, reader_of

from assets.graph.lake import LakeResources
from assets.ingest.tokenizer import open_tokenizer
from assets.prune.epoch_schedules import schedule_of
from assets.train.inputs.curve_documents import CurveDocuments, curve_documents


def drawn(lake: LakeResources, recipe: str = "d4", seed: int = 0, **changed: Any) -> CurveDocuments:
    reader = reader_of(lake)
    ids, schedule = schedule_of(reader, reader.required("epoch_schedules", recipe))
    return curve_documents(
        reader, reader.required("pruned_mixtures", recipe), reader.required("tokenizer"),
        (ids, schedule.token_counts), lake.settings.changed(**changed), seed,
    )  # fmt: skip


def held_out(lake: LakeResources) -> dict[bytes, np.ndarray]:
    """Tokenize the held-out documents anew."""
    tokenizer, reader = open_tokenizer(reader_of(lake)), reader_of(lake)
    rows = [r for s in lake.shards() for r in reader.table(reader.required("raw_shards", s)).to_pylist()]
    return {
        row["doc_id"].encode(): tokenizer.encode([row["content"]])[0]
        for row in rows if row["split"] == "held_out"
    }  # fmt: skip


@pytest.mark.parametrize("asked", [2, 40, 300, 10**6])
def test_they_are_beginnings_of_held_out_documents_within_what_is_asked_for(
    lake: LakeResources, asked: int
) -> None:
    texts, limit = held_out(lake), min(asked, lake.settings.training.window_tokens)
    found = drawn(lake, **{"training.curve_tokens": asked})
    assert found.ids.tolist() == sorted(found.ids.tolist())
    for doc_id, tokens in zip(found.ids.tolist(), found.tokens, strict=True):
        assert tokens.tolist() == texts[doc_id][:limit].tolist()
    token_bytes = open_tokenizer(reader_of(lake)).token_bytes
    assert found.scored_bytes == sum(token_bytes[tokens].sum() for tokens in found.tokens) > 0
    n_tokens, longest = sum(map(len, found.tokens)), max(min(len(t), limit) for t in texts.values())
    assert n_tokens <= asked
    assert n_tokens > asked - longest or len(found.ids) == len(texts), "another one would not fit"


def test_they_are_the_same_for_all_recipes_and_others_by_another_seed(lake: LakeResources) -> None:
    found = [drawn(lake, recipe).ids.tolist() for recipe in TRAINED]
    assert found[0] == found[1] == found[2]
    assert drawn(lake, seed=1).ids.tolist() != found[0]
    assert set(drawn(lake, **{"training.curve_tokens": 150}).ids) < set(found[0]), (
        "the first of the same draw"
    )
    whole = drawn(lake, **{"training.curve_tokens": 10**6}).ids.tolist()
    assert whole == sorted(held_out(lake))
