"""Training runs: each record names what exists, and the weights are those of exactly that schedule."""

import hashlib
import json
import math
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from support.lake import TRAINED, build_asset, copy_of, environment, spec_of

from assets.graph.lake import LakeResources
from assets.ingest.tokenizer import open_tokenizer
from assets.prune.epoch_schedules import mixture_of, schedule_of
from assets.train.inputs.curve_documents import curve_documents
from assets.train.training_runs import CHECKPOINT, CODE_VERSION, CURVE, LOSS, pins, training_runs
from guyot.errors import EvaluationError, MissingError
from guyot.train.schedule import segments
from resources.models.evaluator import evaluate
from resources.models.trainer import Trainer

each_run = pytest.mark.parametrize("recipe", TRAINED)


def record(lake: LakeResources, recipe: str) -> dict[str, Any]:
    (row,) = lake.store.table(lake.store.required("training_runs", f"{recipe}/0")).to_pylist()
    return row


@each_run
def test_a_record_names_versions_that_the_lake_holds(lake: LakeResources, recipe: str) -> None:
    row = record(lake, recipe)
    manifest = lake.store.required("training_runs", f"{recipe}/0")
    schedule = lake.store.pinned("epoch_schedules", recipe, row["schedule_version"])
    mixture = lake.store.pinned("pruned_mixtures", recipe, row["mixture_version"])
    assert (
        schedule.facts["mixture_version"]
        == mixture.version
        == lake.store.required("pruned_mixtures", recipe).version
    )
    assert (
        lake.store.pinned("tokenizer", "all", row["tokenizer_version"]).rows
        == json.loads(row["config"])["model"]["vocab_size"]
    )
    assert row["run_id"] == f"{recipe}-0-{manifest.version}"
    assert manifest.inputs["epoch_schedules"] == schedule.version
    assert (row["recipe"], row["seed"], row["code_version"]) == (recipe, 0, CODE_VERSION)
    pinned = {name: row[name] for name in ("run_id", "mixture_version", "schedule_version")}
    assert pinned == {name: manifest.facts[name] for name in pinned}
    weights = Path(lake.store.root) / row["checkpoint"]
    digest = hashlib.blake2b(weights.read_bytes(), digest_size=16).hexdigest()
    assert digest == manifest.files[CHECKPOINT].digest


@each_run
def test_losses_are_a_row_per_step_up_to_the_budget(lake: LakeResources, recipe: str) -> None:
    row = record(lake, recipe)
    losses = lake.store.table(lake.store.required("training_runs", f"{recipe}/0"), LOSS.file)
    per_step = lake.settings.training.window_tokens * lake.settings.training.batch_windows
    assert row["tokens"] == lake.settings.training.tokens == losses["tokens"].to_pylist()[-1]
    assert row["steps"] == losses.num_rows == -(-row["tokens"] // per_step)
    assert losses["step"].to_pylist() == list(range(row["steps"]))
    assert all(0 < loss < 20 for loss in losses["loss"].to_pylist())
    assert row["wall_seconds"] > 0


@each_run
def test_the_learning_curve_ends_at_what_the_weights_pay(lake: LakeResources, recipe: str) -> None:
    run = lake.store.required("training_runs", f"{recipe}/0")
    curve = lake.store.table(run, CURVE.file)
    per_step = lake.settings.training.window_tokens * lake.settings.training.batch_windows
    shares = [0, 500, 1000, 1500, 2000]
    assert curve["tokens"].to_pylist() == [min(2000, -(-share // per_step) * per_step) for share in shares]
    reader, row = training_runs.reader(lake), record(lake, recipe)
    ids, schedule = schedule_of(reader, reader.required("epoch_schedules", recipe))
    held_out = curve_documents(
        reader, reader.required("pruned_mixtures", recipe), reader.required("tokenizer"),
        (ids, schedule.token_counts), lake.settings, lake.settings.seed,
    )  # fmt: skip
    config = json.loads(row["config"])
    nats = evaluate(lake.store.checked(run, CHECKPOINT), config, held_out.tokens).sum()
    # in float32, where the training may multiply in bfloat16
    bits = nats / held_out.scored_bytes / math.log(2)
    assert curve["bits_per_byte"].to_pylist()[-1] == pytest.approx(bits, rel=1e-2)
    assert bits < 0.98 * curve["bits_per_byte"].to_pylist()[0]
    other = lake.store.required("training_runs", "everything/0")
    assert run.facts["curve"] == other.facts["curve"], "one set of documents for all recipes"


def test_equal_seeds_begin_with_equal_weights_and_end_apart(lake: LakeResources) -> None:
    rows = [record(lake, recipe) for recipe in TRAINED]
    assert rows[0]["init"] == rows[1]["init"]
    weights = [(Path(lake.store.root) / row["checkpoint"]).read_bytes() for row in rows]
    assert weights[0] != weights[1]


def test_a_run_is_trained_on_the_visits_of_its_schedule_and_nothing_else(lake: LakeResources) -> None:
    row = record(lake, "semdedup")
    reader = training_runs.reader(lake)
    pinned = reader.pinned("epoch_schedules", "semdedup", row["schedule_version"])
    ids, schedule = schedule_of(reader, pinned)
    tokenizer = open_tokenizer(reader)
    contents: dict[str, str] = {}
    for shard in lake.shards():
        for document in lake.store.table(lake.store.required("raw_shards", shard)).to_pylist():
            contents[document["doc_id"]] = document["content"]
    whole = [tokenizer.encode([contents[i.decode()]])[0] if i else np.zeros(0, np.int32) for i in ids]
    assert [len(tokens) for tokens in whole] == schedule.token_counts.tolist()
    stream = (whole[v.row][v.first_token : v.first_token + v.n_tokens] for v in segments(schedule))
    again = Trainer(settings=lake.settings).train(stream, vocabulary_size=tokenizer.vocabulary_size, seed=0)
    assert again.init == row["init"]
    losses = lake.store.table(lake.store.required("training_runs", "semdedup/0"), LOSS.file)
    assert np.allclose(again.losses, losses["loss"].to_numpy(), rtol=1e-4)
    assert again.weights == (Path(lake.store.root) / row["checkpoint"]).read_bytes()


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"training.learning_rate": 0.1}, False),
        ({"training.model_width": 32}, False),
        ({"training.curve_points": 3}, False),
        ({"audit.bootstrap_draws": 3}, True),
    ],
)
def test_a_run_is_made_anew_by_its_own_settings(
    lake: LakeResources, change: dict[str, Any], same: bool
) -> None:
    changed = LakeResources(lake.settings.changed(**change))
    assert training_runs.spec(changed, "semdedup/0").is_live(lake.store) == same
    assert not training_runs.spec(lake, "semdedup/1").is_live(lake.store)


def test_a_run_whose_training_fails_is_not_there(changed: Any) -> None:
    lake = changed(training__learning_rate=1e30)
    before = lake.store.required("training_runs", "semdedup/0")
    with pytest.raises(EvaluationError, match="the training loss is"):
        build_asset(lake, "training_runs", "semdedup/0")
    assert lake.store.required("training_runs", "semdedup/0") == before
    version = training_runs.spec(lake, "semdedup/0").version
    assert not Path(lake.store.path("training_runs", "semdedup/0", version)).exists()


def test_a_mixture_made_anew_does_not_change_what_a_run_says_of_itself(changed: Any) -> None:
    lake = changed()
    before = record(lake, "semdedup")
    old = lake.store.required("pruned_mixtures", "semdedup")
    with lake.store.write("pruned_mixtures", "semdedup", inputs={"new": ""}, settings={}, code="") as writer:
        writer.table(lake.store.table(old).filter(pa.compute.field("kept")))
        writer.facts |= {**old.facts}
    assert record(lake, "semdedup") == before
    pinned = lake.store.pinned("epoch_schedules", "semdedup", before["schedule_version"])
    assert mixture_of(training_runs.reader(lake), pinned) == old
    shutil.rmtree(lake.store.path("epoch_schedules", "semdedup"))
    with pytest.raises(MissingError, match="epoch_schedules/semdedup"):
        build_asset(lake, "training_runs", "semdedup/0")


@each_run
def test_a_run_pins_all_that_it_consumed(lake: LakeResources, recipe: str) -> None:
    row, run = record(lake, recipe), lake.store.required("training_runs", f"{recipe}/0")
    snapshot = lake.store.required("cluster_scores").facts["snapshot"]
    assert pins(training_runs.reader(lake), run) == {
        ("epoch_schedules", recipe, row["schedule_version"]),
        ("pruned_mixtures", recipe, row["mixture_version"]),
        ("tokenizer", "all", row["tokenizer_version"]),
        *((table, shard, snapshot[shard][table]) for shard in snapshot
          for table in ("raw_shards", "quality_signals")),
    }  # fmt: skip


KILLED = """
import os, signal
from support.lake import build_asset
from assets.graph.lake import LakeResources
from resources.progress import WorkProgress
from resources.settings import Settings

at = WorkProgress.at

def kill(self, done):
    at(self, done)
    if done >= 6000:
        os.kill(os.getpid(), signal.SIGKILL)

WorkProgress.at = kill
build_asset(LakeResources(Settings.from_environment()), "training_runs", "semdedup/0")
"""


@pytest.mark.long
@pytest.mark.in_ci
def test_a_run_killed_in_the_middle_goes_on_to_the_weights_of_one_that_was_not(
    lake: LakeResources, tmp_path: Path
) -> None:
    longer = {"training.tokens": 10_000, "training.checkpoint_steps": 5, "training.learning_rate": 0.002}
    lakes = [copy_of(lake, tmp_path / name, **longer) for name in ("killed", "undisturbed")]
    for one in lakes:
        build_asset(one, "epoch_schedules", "semdedup")
    killed, undisturbed = lakes
    tests = Path(__file__).parents[2]
    paths = environment(killed, PYTHONPATH=f"{tests}:{tests.parent}")
    died = subprocess.run([sys.executable, "-c", KILLED], env=paths, cwd=tmp_path, check=False)
    assert died.returncode == -signal.SIGKILL
    saved = Path(killed.store.root) / ".partial" / "training_runs" / "semdedup" / "0"
    (state,) = saved.glob("*/*.safetensors")
    assert state.name.startswith("45-"), "step 47 was the last"
    assert (
        killed.store.required("training_runs", "semdedup/0").version
        != spec_of(killed, "training_runs", "semdedup/0").version
    )
    for one in lakes:
        assert not build_asset(one, "training_runs", "semdedup/0")[0].reused
    runs = [one.store.required("training_runs", "semdedup/0") for one in lakes]
    assert runs[0].version == runs[1].version
    assert runs[0].files[CHECKPOINT].digest == runs[1].files[CHECKPOINT].digest
    for file in (LOSS.file, CURVE.file):
        assert runs[0].files[file].digest == runs[1].files[file].digest
    assert not saved.exists()
    assert undisturbed.store.required("training_runs", "semdedup/0").facts == runs[0].facts
