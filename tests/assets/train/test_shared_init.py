"""The common model: of random training documents, the init of all runs, and nothing where none is asked for."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.lake import build_asset, reader_of
from support.soups import RUNS, WARM

from assets.graph.lake import LakeResources
from assets.train.shared_init import shared_init, show
from assets.train.training_runs import CHECKPOINT, pins, training_runs
from resources.models import reproducibility


def record(lake: LakeResources, key: str) -> dict[str, Any]:
    (row,) = lake.store.table(lake.store.required("training_runs", key)).to_pylist()
    return row


def test_without_a_warm_up_there_is_none_and_runs_are_as_before(lake: LakeResources) -> None:
    manifest = lake.store.required("shared_init")
    assert (manifest.rows, manifest.inputs) == (0, {})
    assert "warmup_tokens is 0" in show(reader_of(lake), manifest)["runs begin with"]
    run = lake.store.required("training_runs", "d4/0")
    assert sorted(run.inputs) == ["epoch_schedules", "tokenizer"]
    assert "shared_init" not in json.loads(record(lake, "d4/0")["config"])


def test_every_run_of_a_sweep_begins_with_it(souped: LakeResources) -> None:
    manifest = souped.store.required("shared_init")
    (row,) = souped.store.table(manifest).to_pylist()
    weights = Path(souped.store.file(manifest, CHECKPOINT)).read_bytes()
    assert row["init"] == reproducibility.digest(weights) != row["random_init"]
    assert (row["seed"], row["tokens"]) == (0, WARM["training.warmup_tokens"])
    build_asset(souped, "training_runs", "d4/0")
    assert {record(souped, key)["init"] for key in (*RUNS, "d4/0")} == {row["init"]}
    ends = {
        Path(souped.store.file(souped.store.required("training_runs", key), CHECKPOINT)).read_bytes()
        for key in RUNS
    }
    assert len(ends) == len(RUNS), "a seed changes the order"
    assert (
        f"{row['tokens']:,} tokens of {row['documents']:,} documents"
        in show(reader_of(souped), manifest)["runs begin with"]
    )


def test_it_learned_something(souped: LakeResources) -> None:
    (row,) = souped.store.table(souped.store.required("shared_init")).to_pylist()
    assert row["loss"] < np.log(json.loads(row["config"])["model"]["vocab_size"]) - 0.5


def test_it_reads_documents_of_the_training_split_alone(
    souped: LakeResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}
    import assets.train.inputs.text_training as module

    def keep(reader: Any, snapshot: Any, tokenizer: Any, ids: Any, schedule: Any) -> Any:
        seen.update(ids=ids, counts=schedule.token_counts)
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "segment_tokens", keep)
    other = LakeResources(souped.settings.changed(training__warmup_seed=7))
    with pytest.raises(KeyboardInterrupt):
        build_asset(other, "shared_init")
    rows = {
        row["doc_id"]: row for s in souped.shards()
        for row in souped.store.table(souped.store.required("raw_shards", s)).to_pylist()
    }  # fmt: skip
    tokens = {
        row["doc_id"]: row["tokens"] for s in souped.shards()
        for row in souped.store.table(souped.store.required("quality_signals", s)).to_pylist()
    }  # fmt: skip
    ids = [one.decode() for one in seen["ids"].tolist()]
    assert ids == sorted(name for name, row in rows.items() if row["split"] == "train")
    assert seen["counts"].tolist() == [tokens[name] for name in ids]


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"training.warmup_tokens": 2000}, False),
        ({"training.warmup_seed": 1}, False),
        ({"training.model_width": 32}, False),
        ({"training.tokens": 2500}, True),
        ({"training.checkpoint_steps": 7}, True),
    ],
)
def test_it_is_made_anew_by_its_own_settings(
    souped: LakeResources, change: dict[str, Any], same: bool
) -> None:
    changed = LakeResources(souped.settings.changed(**change))
    assert shared_init.spec(changed).is_live(souped.store) == same


def test_runs_are_made_anew_with_it_and_pin_it(souped: LakeResources) -> None:
    run, version = (
        souped.store.required("training_runs", RUNS[1]),
        souped.store.required("shared_init").version,
    )
    assert run.inputs["shared_init"] == souped.store.required("shared_init").content
    assert ("shared_init", "all", version) in pins(training_runs.reader(souped), run)
    without = LakeResources(souped.settings.changed(training__warmup_tokens=0))
    assert not training_runs.spec(without, RUNS[1]).is_live(souped.store)


def test_explain_knows_the_order_of_each_run(souped: LakeResources) -> None:
    from assets.prune.epoch_schedules import schedule_of
    from guyot.train.exposure import steps_that_saw
    from jobs.cli.exposures import exposures as exposures_of

    reader = training_runs.reader(souped)
    schedule = reader.pinned("epoch_schedules", "semdedup", record(souped, RUNS[2])["schedule_version"])
    for key in RUNS:
        config = json.loads(record(souped, key)["config"])
        ids, planned = schedule_of(reader, schedule, config["order_seed"])
        for row in (0, len(ids) - 1):
            runs = [record(souped, one) for one in RUNS]
            seen = {one.run_id: one.steps for one in exposures_of(souped, runs, ids[row].decode())}
            assert seen[record(souped, key)["run_id"]] == steps_that_saw(planned, row, 128).tolist()
    assert len({json.loads(record(souped, key)["config"])["order_seed"] for key in RUNS}) == len(RUNS)
