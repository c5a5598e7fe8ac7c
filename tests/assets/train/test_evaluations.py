"""Evaluations: recomputed by hand on held-out documents, and never written where they could not be made."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from safetensors.torch import load, save
from support.forged import change_table
from support.lake import TRAINED, build_asset

from assets.graph.lake import LakeResources
from assets.ingest.tokenizer import open_tokenizer
from assets.train.evaluations import evaluations, slices
from assets.train.training_runs import CHECKPOINT, training_runs
from guyot.errors import CorruptError, EvaluationError
from resources.models.evaluator import evaluate

RUN = "semdedup/0"


def rows(lake: LakeResources, key: str) -> list[dict[str, Any]]:
    return lake.store.table(lake.store.required("evaluations", key)).to_pylist()


def held_out(lake: LakeResources) -> list[str]:
    """Return the held-out texts, by doc_id."""
    documents = [
        r for s in lake.shards() for r in lake.store.table(lake.store.required("raw_shards", s)).to_pylist()
    ]
    return [r["content"] for r in sorted(documents, key=lambda r: r["doc_id"]) if r["split"] == "held_out"]


@pytest.mark.parametrize("recipe", TRAINED)
def test_values_are_bits_over_bytes_of_the_slices_documents(lake: LakeResources, recipe: str) -> None:
    run = lake.store.required("training_runs", f"{recipe}/0")
    (record,) = lake.store.table(run).to_pylist()
    texts = held_out(lake)
    tokenizer = open_tokenizer(training_runs.reader(lake))
    cut = [ids[: lake.settings.training.evaluation_tokens] for ids in tokenizer.encode(texts)]
    weights = Path(lake.store.file(run, CHECKPOINT)).read_bytes()
    nats = [float(evaluate(weights, json.loads(record["config"]), [ids])[0]) for ids in cut]
    scored = [
        sum(len(tokenizer.tokens[i]) for i in ids[1:]) for ids in cut
    ]  # a character of a token's name is a byte
    assert sum(s == len(t.encode()) for s, t in zip(scored, texts, strict=True)) > 5
    assert len(texts) > 5
    by_size = sorted(range(len(texts)), key=lambda i: (len(texts[i].encode()), i))
    chosen = {
        "all": by_size,
        "short": by_size[: round(len(texts) / 2)],
        "long": by_size[-max(1, round(len(texts) / 10)) :],
    }
    found = {row["slice"]: row for row in rows(lake, f"{recipe}/0")}
    assert set(found) == set(chosen)
    for name, members in chosen.items():
        row = found[name]
        assert (row["run_id"], row["suite"], row["metric"], row["n"]) == (
            record["run_id"],
            "held_out",
            "bits_per_byte",
            len(members),
        )
        bits = sum(nats[i] for i in members) / math.log(2)
        assert row["value"] == pytest.approx(bits / sum(scored[i] for i in members), rel=1e-5)
        assert row["low"] <= row["high"]
        assert 0 < row["value"] < 12


def test_every_slice_is_of_documents_by_their_length() -> None:
    sizes = np.array([5, 1, 9, 3, 7, 2, 8, 4, 6, 10])
    assert {name: sizes[chosen].tolist() for name, chosen in slices(sizes).items()} == {
        "all": sizes.tolist(), "short": [5, 1, 3, 2, 4], "long": [10]}  # fmt: skip
    assert {name: chosen.tolist() for name, chosen in slices(np.array([3])).items()} == {
        "all": [0],
        "short": [0],
        "long": [0],
    }


def truncated(weights: bytes) -> bytes:
    return weights[: len(weights) // 2]


def nothing(weights: bytes) -> bytes:
    return weights[:0]


def not_numbers(weights: bytes) -> bytes:
    return save({name: torch.full_like(tensor, torch.nan) for name, tensor in load(weights).items()})


def one_tensor_less(weights: bytes) -> bytes:
    return save(dict(list(load(weights).items())[1:]))


def one_bit_changed(weights: bytes) -> bytes:
    return weights[:-1] + bytes([weights[-1] ^ 1])


@pytest.mark.parametrize("corrupt", [truncated, nothing, not_numbers, one_tensor_less, one_bit_changed])
def test_what_cannot_be_evaluated_fails_and_is_never_written(
    changed: Any, corrupt: Callable[[bytes], bytes]
) -> None:
    lake = changed(audit__bootstrap_draws=21)
    before = lake.store.required("evaluations", RUN)
    checkpoint = Path(lake.store.file(lake.store.required("training_runs", RUN), CHECKPOINT))
    checkpoint.write_bytes(corrupt(checkpoint.read_bytes()))
    version = evaluations.spec(lake, RUN).version
    assert version != before.version
    with pytest.raises((CorruptError, EvaluationError)):
        build_asset(lake, "evaluations", RUN)
    assert lake.store.required("evaluations", RUN) == before
    assert lake.store.manifest("evaluations", RUN, version) is None
    assert not Path(lake.store.path("evaluations", RUN, version)).exists()


def test_other_settings_make_another_version_that_goes_live(changed: Any) -> None:
    lake = changed(audit__bootstrap_draws=21, training__evaluation_documents=3)
    before = lake.store.required("evaluations", RUN)
    (built,) = build_asset(lake, "evaluations", RUN)
    assert built.manifest
    assert built.manifest.rows == 3
    after = lake.store.required("evaluations", RUN)
    assert after.version == evaluations.spec(lake, RUN).version != before.version
    assert [row["n"] for row in rows(lake, RUN)] == [3, 2, 1]


def test_a_snapshot_without_held_out_documents_is_refused(changed: Any) -> None:
    lake = changed(audit__bootstrap_draws=21)
    for shard in lake.shards():
        change_table(
            lake, "raw_shards", shard,
            lambda table: table.set_column(7, table.schema.field("split"), pa.array(["train"] * len(table))),
        )  # fmt: skip
    with pytest.raises(EvaluationError, match="held out 0 of"):
        build_asset(lake, "evaluations", RUN)
