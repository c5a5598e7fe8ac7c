"""The verbs of runs, as a person calls them: trained with the dataset, reported, and known ever after."""

import json
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from support.external import train_on_tokens, write_json
from support.lake import build_asset, catalogue_of, copy_of, graph_lake, guyot

from assets.graph.lake import LakeResources


@pytest.fixture
def lake(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> LakeResources:
    copied = copy_of(graph_lake(tmp_path_factory), tmp_path / "lake")
    build_asset(copied, "catalogue")  # which names the files of one place
    return copied


@pytest.mark.long
@pytest.mark.in_ci
def test_a_training_reports_itself_and_saw_knows_it(lake: LakeResources, tmp_path: Path) -> None:
    log, state, losses = train_on_tokens(lake, "d4", 12, batch=2, context_length=16)
    weights, metrics = tmp_path / "model.safetensors", tmp_path / "metrics.jsonl"
    safetensors.numpy.save_file({"a": np.zeros(3, np.float32)}, weights)
    metrics.write_text("\n".join(json.dumps({"step": i, "loss": loss}) for i, loss in enumerate(losses)))
    said = (
        "runs", "register", "mine", "--state", str(write_json(tmp_path / "state.json", state)), "--batch-size",
        "2", "--metrics", str(metrics), "--checkpoint", str(weights), "--hyperparameters",
        str(write_json(tmp_path / "h.json", {"lr": 0.1})), "--init", "random", "--code-version", "c0ffee",
    )  # fmt: skip
    assert "run mine is recorded: 384 tokens in 12 steps of mixture d4@" in guyot(lake, *said)
    doc_id = max(log, key=lambda name: (len(log[name]), name))
    rows = guyot(lake, "saw", doc_id, "--format", "csv").splitlines()
    steps = [row.split(",")[4:6] for row in rows if row.startswith("mine,")]
    assert {step for first, last in steps for step in range(int(first), int(last) + 1)} == {
        step for step, _ in log[doc_id]
    }
    catalogue = catalogue_of(lake)
    found = catalogue.query("SELECT value FROM external_metrics WHERE run_id = 'mine' ORDER BY step")
    assert found["value"].to_pylist() == losses
    (run,) = catalogue.query("SELECT * FROM external_runs").to_pylist()
    assert (run["init"], run["code_version"]) == ("random", "c0ffee")
    (file,) = json.loads(run["checkpoint"])
    assert (file["path"], file["tensors"]) == (str(weights), 1)
    assert "4 runs, 1 of them done elsewhere and reported" in guyot(lake, "runs", "list")
    assert f"checkpoint\t{weights}\t{file['digest']}" in guyot(lake, "inputs", "mine")
    assert "run mine was recorded already" in guyot(lake, *said)
    assert "with other code_version; choose another name" in guyot(lake, *said[:-1], "other", code=1)
    assert "run mine is recorded" in guyot(lake, *said[:-1], "other", "--replace")


def test_what_is_asked_for_wrongly_is_one_line_and_a_code(lake: LakeResources) -> None:
    common = ("runs", "register", "a", "--mixture", "d4", "--context-length", "16")
    told = guyot(lake, *common, "--tokens", "65", code=1)
    assert "Error: positions 0 to 65 were reported; a run reads 1 sample or more of 16 each" in told
    assert lake.store.partitions("registered_runs") == []
