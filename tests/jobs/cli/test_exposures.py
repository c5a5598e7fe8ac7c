"""When runs read a document: as a replay of the order says, epoch by epoch and step by step."""

import json
from collections import defaultdict
from typing import Any

import pytest
from support.lake import TRAINED, graph_lake

from assets.graph.lake import LakeResources
from assets.prune.epoch_schedules import epoch_schedules, schedule_of
from guyot.train.schedule import segments
from jobs.cli.exposures import Exposure, Visit, exposures
from jobs.cli.lineage_tables import runs_that_saw


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


def runs(lake: LakeResources) -> list[dict[str, Any]]:
    found = [
        lake.store.table(lake.store.required("training_runs", f"{name}/0")).to_pylist()[0] for name in TRAINED
    ]
    return [*found, {**found[-1], "run_id": "again", "seed": 1}]


def replayed(lake: LakeResources, run: dict[str, Any]) -> dict[str, set[tuple[int, int, int]]]:
    """Return, token by token, (token, epoch, step) of every document."""
    config = json.loads(run["config"])
    per_step = config["window_tokens"] * config["batch_windows"]
    schedule = lake.store.required("epoch_schedules", run["recipe"])
    ids, planned = schedule_of(epoch_schedules.reader(lake), schedule)
    found: dict[str, set[tuple[int, int, int]]] = defaultdict(set)
    place = 0
    for segment in segments(planned):
        for token in range(place, place + segment.n_tokens):
            found[ids[segment.row].decode()].add((token, segment.epoch, token // per_step))
        place += segment.n_tokens
    assert place == run["tokens"]
    return found


def test_visits_are_those_of_a_replay(lake: LakeResources) -> None:
    of_runs = runs(lake)
    by_run = {run["run_id"]: replayed(lake, run) for run in of_runs}
    assert any(len({epoch for _, epoch, _ in visits}) > 1 for visits in by_run["again"].values())
    names = sorted({name for found in by_run.values() for name in found})
    for doc_id in [*names[::7], "f" * 32]:
        for run, found in zip(of_runs, exposures(lake, of_runs, doc_id), strict=True):
            wanted = by_run[run["run_id"]].get(doc_id, set())
            assert (found.run_id, found.recipe, found.seed) == (run["run_id"], run["recipe"], run["seed"])
            assert found.visits is not None
            assert sum(visit.tokens for visit in found.visits) == len(wanted)
            assert found.steps == sorted({step for _, _, step in wanted})
            for epoch in {epoch for _, epoch, _ in wanted}:
                steps = {
                    step
                    for v in found.visits
                    if v.epoch == epoch
                    for step in range(v.first_step, v.last_step + 1)
                }
                assert steps == {step for _, of, step in wanted if of == epoch}
            for before, after in zip(found.visits, found.visits[1:], strict=False):
                assert after.epoch > before.epoch or after.first_step > before.last_step + 1


def test_steps_are_each_told_once() -> None:
    visits = (Visit(0, 3, 5, 9), Visit(1, 5, 6, 9))
    assert Exposure("r", "d4", 0, "m", visits).steps == [3, 4, 5, 6]
    assert Exposure("r", "d4", 0, "m", None).steps is None


def test_saw_lists_the_runs_of_a_document_and_only_those(lake: LakeResources) -> None:
    of_runs = {run["run_id"]: replayed(lake, run) for run in runs(lake)[:-1]}
    doc_id = max(of_runs[next(iter(of_runs))])
    rows = runs_that_saw(lake, doc_id).rows.to_pylist()
    assert {row["run_id"] for row in rows} == {name for name, found in of_runs.items() if doc_id in found}
    for name, found in of_runs.items():
        assert sum(row["tokens"] for row in rows if row["run_id"] == name) == len(found.get(doc_id, ()))
    assert all(row["last_step"] >= row["first_step"] for row in rows)
