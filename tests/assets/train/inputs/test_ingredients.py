"""Runs as ingredients: read whole, and refused with numbers where they do not go together."""

import json

import numpy as np
import pytest
from support.lake import reader_of
from support.soups import RUNS

import assets.train.inputs.ingredients as module
from assets.graph.lake import LakeResources
from assets.train.inputs.ingredients import read_ingredients, warning_of
from guyot.errors import SettingError


def test_runs_are_read_with_their_records(souped: LakeResources) -> None:
    found = read_ingredients(reader_of(souped), [souped.store.required("training_runs", run) for run in RUNS])
    assert [one.key for one in found] == RUNS
    assert [one.run_id for one in found] == [
        souped.store.required("training_runs", r).facts["run_id"] for r in RUNS
    ]
    assert all(one.config == json.loads(one.record["config"]) for one in found)
    assert all(array.dtype == np.float32 for one in found for array in one.weights.values())
    assert warning_of(found) == ""
    found[1].record["init"] = "another"
    assert "3 ingredients began with 2 different initial weights" in warning_of(found)


def test_runs_of_different_tokenizers_are_refused(souped: LakeResources) -> None:
    runs = [souped.store.required("training_runs", run) for run in RUNS[:2]]
    first, other = read_ingredients(reader_of(souped), runs)
    other.record["tokenizer_version"] = "another"
    with pytest.raises(
        SettingError, match=r"semdedup/0 reads tokens of tokenizer \w+, semdedup/1 of another"
    ):
        module._check(first, other)
    other.record["tokenizer_version"] = first.record["tokenizer_version"]
    other.config["window_tokens"] = 7
    with pytest.raises(SettingError, match="different architectures: window_tokens is 64 and 7"):
        module._check(first, other)
