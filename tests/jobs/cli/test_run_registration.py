"""A report is what the run read: `guyot saw` agrees with a log of what its loader gave; what cannot be is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.external import Log, train_on_documents, train_on_tokens, write_json
from support.lake import build_asset, copy_of, graph_lake

from assets.graph.lake import LakeResources
from assets.train.inputs import registered_runs
from guyot.errors import GuyotError, MissingError, SettingError
from jobs.cli.exposures import exposures
from jobs.cli.lineage_tables import all_runs, inputs_of_run, runs_that_saw
from jobs.cli.run_registration import Report, record_of


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


@pytest.fixture
def lake(made: LakeResources, tmp_path: Path) -> LakeResources:
    return copy_of(made, tmp_path / "lake")


def registered(lake: LakeResources, report: Report) -> dict[str, Any]:
    record = record_of(lake, report)
    registered_runs.write(lake.store, record, [])
    build_asset(lake, "external_runs")
    build_asset(lake, "catalogue")
    return record


def seen(lake: LakeResources, record: dict[str, Any], doc_id: str) -> set[tuple[int, int]]:
    (found,) = exposures(lake, [record], doc_id)
    assert found.visits is not None
    return {(step, v.epoch) for v in found.visits for step in range(v.first_step, v.last_step + 1)}


def check(lake: LakeResources, record: dict[str, Any], log: Log, *, is_complete: bool) -> None:
    kept = set(
        lake.store.table(lake.store.required("pruned_mixtures", record["recipe"])).filter(
            lake.store.table(lake.store.required("pruned_mixtures", record["recipe"]))["kept"]
        )["doc_id"].to_pylist()
    )  # fmt: skip
    assert len(log) > 5
    for doc_id in kept if is_complete else log:
        assert seen(lake, record, doc_id) == log.get(doc_id, set()), doc_id


@pytest.mark.parametrize(("n_steps", "epochs"), [(3, 1), (14, 3)])
def test_documents_are_those_that_the_loader_gave_at_each_step(
    lake: LakeResources, tmp_path: Path, n_steps: int, epochs: int
) -> None:
    log, state = train_on_documents(lake, "semdedup", n_steps, epochs=epochs, seed=5)
    report = Report(name="far-1", state=write_json(tmp_path / "state.json", state), batch_size=6)
    record = registered(lake, report)
    assert (record["unit"], record["tokens"], record["steps"]) == ("documents", n_steps * 6, n_steps)
    check(lake, record, log, is_complete=True)
    doc_id = min(log)
    rows = [row for row in runs_that_saw(lake, doc_id).rows.to_pylist() if row["run_id"] == "far-1"]
    assert {
        (step, row["epoch"]) for row in rows for step in range(row["first_step"], row["last_step"] + 1)
    } == (log[doc_id])
    tokens = {
        row["doc_id"]: row["tokens"] for shard in lake.shards()
        for row in lake.store.table(lake.store.required("quality_signals", shard)).to_pylist()
    }  # fmt: skip
    assert sum(row["tokens"] for row in rows) == tokens[doc_id] * len({epoch for _, epoch in log[doc_id]})


def test_windows_are_those_that_the_loader_gave_by_state_or_by_numbers(
    lake: LakeResources, tmp_path: Path
) -> None:
    log, state, _ = train_on_tokens(lake, "d4", 40, batch=3, context_length=16, seed=2, epochs=3)
    by_state = record_of(
        lake, Report(name="a", state=write_json(tmp_path / "state.json", state), batch_size=3)
    )
    by_numbers = record_of(
        lake,
        Report(name="a", mixture="d4", tokens=40 * 3 * 16, context_length=16, seed=2, epochs=3, batch_size=3),
    )
    assert {**by_state, "at": ""} == {**by_numbers, "at": ""}
    assert (by_state["unit"], by_state["tokens"], by_state["steps"]) == ("tokens", 1920, 40)
    assert by_state["tokenizer_version"] == lake.store.required("tokenizer").version
    assert max(epoch for places in log.values() for _, epoch in places) > 0
    check(lake, by_state, log, is_complete=False)


def test_a_run_that_went_on_elsewhere_read_what_follows(lake: LakeResources) -> None:
    log, _, _ = train_on_tokens(lake, "d4", 20, batch=2, context_length=16, seed=2)
    common = {"mixture": "d4", "context_length": 16, "seed": 2, "batch_size": 2}
    later = record_of(lake, Report(name="b", first_token=10 * 32, tokens=10 * 32, **common))
    assert later["steps"] == 10
    for doc_id, places in log.items():
        expected = {(step - 10, epoch) for step, epoch in places if step >= 10}
        assert seen(lake, later, doc_id) == expected


def test_the_graphs_own_order_is_known_by_its_schedule(lake: LakeResources) -> None:
    schedule = lake.store.required("epoch_schedules", "d4")
    settings = lake.settings
    common = {"mixture": "d4", "context_length": 20, "tokens": 200}
    same = Report(name="a", seed=settings.seed, segment_tokens=settings.training.segment_tokens, **common)
    assert record_of(lake, same)["schedule_version"] == schedule.version
    assert record_of(lake, Report(name="a", seed=settings.seed + 1, **common))["schedule_version"] == ""


def test_inputs_and_the_list_know_it(lake: LakeResources, tmp_path: Path) -> None:
    settings = write_json(tmp_path / "h.json", {"lr": 0.1})
    common = {"mixture": "d4", "context_length": 16, "tokens": 64, "by": "anna"}
    registered(
        lake, Report(name="mine", hyperparameters=settings, code_version="c0ffee", init="gpt2", **common)
    )
    answer = inputs_of_run(lake, "mine")
    rows = {(row["input"], row["name"]): row["value"] for row in answer.rows.to_pylist()}
    assert rows["pruned_mixtures", "d4"] == lake.store.required("pruned_mixtures", "d4").version
    assert rows["config", "lr"] == "0.1"
    assert rows["reported", "end_position"] == "64"
    assert json.loads(rows["order", "context_length"]) == 16
    assert (rows["init", "digest of the initial weights"], rows["reported", "by"]) == ("gpt2", "anna")
    assert "64 tokens in 4 steps of mixture d4 " in answer.summary
    assert answer.summary.endswith("its weights are not reported")
    listed = all_runs(lake)
    assert listed.summary == "4 runs, 1 of them done elsewhere and reported"
    by_run = {row["run_id"]: row for row in listed.rows.to_pylist()}
    assert (by_run["mine"]["reported_by"], by_run["mine"]["tokens"]) == ("anna", 64)
    own = [row for name, row in by_run.items() if name != "mine"]
    assert {(row["reported_by"], row["unit"], row["tokens"]) for row in own} == {(None, "tokens", 2000)}
    assert inputs_of_run(lake, "d4/0").summary.startswith("d4-0-")


GOOD = {"name": "a", "mixture": "d4", "context_length": 16, "tokens": 64}


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"name": "../a"}, SettingError, r"a run was to be called '\.\./a'; a name is of"),
        ({"name": ""}, SettingError, "a run was to be called ''"),
        ({"batch_size": 0}, SettingError, "batch_size=0; a step reads at least 1 sample"),
        ({"mixture": ""}, SettingError, "no mixture was given"),
        ({"mixture": "d5"}, MissingError, "mixture d5 was reported; the lake has those of .*, d4, "),
        ({"mixture": "d4@0123"}, MissingError, "mixture d4@0123 was reported; the lake has 1 versions of d4: "),
        ({"context_length": None}, SettingError, "--tokens 64 was given without --context-length"),
        ({"context_length": 0}, SettingError, "context_length=0; a window has at least 1 token"),
        ({"tokens": None}, SettingError, "how much was read is not known; give --tokens, or --state"),
        ({"tokens": 65}, SettingError, "positions 0 to 65 were reported; a run reads 1 sample or more of 16"),
        ({"tokens": 0}, SettingError, "positions 0 to 0 were reported"),
        ({"first_token": 8}, SettingError, "positions 8 to 72 were reported"),
        ({"first_token": -16}, SettingError, "positions -16 to 48 were reported"),
        ({"tokens": 160_000}, SettingError, r"positions 0 to 160,000 of d4@\w+ were reported; 1 epochs of it have"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(
    made: LakeResources, changed: dict[str, Any], error: type[GuyotError], message: str
) -> None:
    with pytest.raises(error, match=message):
        record_of(made, Report(**{**GOOD, **changed}))


def test_the_last_token_of_the_epochs_is_the_limit(made: LakeResources) -> None:
    facts = made.store.required("epoch_schedules", "d4").facts
    most = facts["mixture_tokens"] * 2
    exact = {**GOOD, "context_length": 1, "epochs": 2}
    assert record_of(made, Report(**{**exact, "tokens": most}))["end_position"] == most
    with pytest.raises(SettingError, match=f"2 epochs of it have {most:,}; give the --epochs"):
        record_of(made, Report(**{**exact, "tokens": most + 1}))


def test_a_state_must_be_one_of_that_mixture_and_of_the_training_itself(
    made: LakeResources, tmp_path: Path
) -> None:
    _, state = train_on_documents(made, "d4", 1)
    file = write_json(tmp_path / "state.json", state)
    with pytest.raises(SettingError, match=r"mixture everything@\w+ was reported; the state .* is of d4@"):
        record_of(made, Report(name="a", mixture="everything", state=file))
    with pytest.raises(SettingError, match="was given beside --tokens"):
        record_of(made, Report(name="a", state=file, tokens=5))
    worker = {**state, "split": {**state["split"], "workers": 2, "worker": 1}}
    with pytest.raises(SettingError, match="is the state of worker 1 of 2, which reads ahead"):
        record_of(made, Report(name="a", state=write_json(tmp_path / "worker.json", worker)))
    for wrong in ({**state, "split": []}, {**state, "position": "1"}, {**state, "reads": None}):
        with pytest.raises(SettingError, match="was given as a dataset's state; it has position, reads, spl"):
            record_of(made, Report(name="a", state=write_json(tmp_path / "wrong.json", wrong)))
    with pytest.raises(SettingError, match="was given as a dataset's state; it has weights; write"):
        record_of(made, Report(name="a", state=write_json(tmp_path / "other.json", {"weights": 1})))
