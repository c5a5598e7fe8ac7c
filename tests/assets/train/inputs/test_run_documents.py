"""What a run read, as a table: a replay of its schedule, and joins that a person would ask for."""

import pytest
from support.lake import TRAINED, catalogue_of, reader_of

from assets.graph.lake import LakeResources
from assets.prune.epoch_schedules import schedule_of
from assets.train.inputs.run_documents import RUN_DOCUMENTS
from assets.train.training_runs import show, training_runs
from guyot.train.schedule import segments
from jobs.cli.exposures import exposures


def replayed(lake: LakeResources, recipe: str) -> dict[str, list[int]]:
    """Read a schedule from its beginning to its end: tokens and first token by doc_id."""
    reader = reader_of(lake)
    (record,) = reader.table(reader.required("training_runs", f"{recipe}/0")).to_pylist()
    ids, schedule = schedule_of(reader, reader.pinned("epoch_schedules", recipe, record["schedule_version"]))
    found: dict[str, list[int]] = {}
    done = 0
    for segment in segments(schedule):
        found.setdefault(ids[segment.row].decode(), [0, done])[0] += segment.n_tokens
        done += segment.n_tokens
    return found


@pytest.mark.parametrize("recipe", TRAINED)
def test_the_table_is_the_replay_of_the_schedule(lake: LakeResources, recipe: str) -> None:
    run, expected = lake.store.required("training_runs", f"{recipe}/0"), replayed(lake, recipe)
    rows = lake.store.table(run, RUN_DOCUMENTS.file).to_pylist()
    assert [row["doc_id"] for row in rows] == sorted(expected)
    assert {row["doc_id"]: [row["tokens"], row["first_token"]] for row in rows} == expected
    assert {row["run_id"] for row in rows} == {run.facts["run_id"]}
    shown = show(training_runs.reader(lake), run)
    assert shown == {"documents read": len(rows), "exposures": sum(row["exposures"] for row in rows)}


def test_a_query_joins_runs_and_documents_as_saw_does(lake: LakeResources) -> None:
    rows = (
        catalogue_of(lake)
        .query(
            "SELECT r.recipe, d.doc_id, d.exposures, d.tokens, d.first_token FROM run_documents d "
            "JOIN training_runs r USING (run_id) JOIN raw_shards s USING (doc_id) ORDER BY d.doc_id, r.recipe"
        )
        .to_pylist()
    )
    assert {row["recipe"] for row in rows} == set(TRAINED)
    runs = catalogue_of(lake).query("SELECT * FROM training_runs ORDER BY recipe, seed").to_pylist()
    per_step = lake.settings.training.window_tokens * lake.settings.training.batch_windows
    for doc_id in sorted({row["doc_id"] for row in rows})[:8]:
        saw = {one.recipe: one.visits for one in exposures(lake, runs, doc_id) if one.visits}
        own = {row["recipe"]: row for row in rows if row["doc_id"] == doc_id}
        assert set(saw) == set(own)
        for recipe, visits in saw.items():
            assert own[recipe]["tokens"] == sum(visit.tokens for visit in visits)
            assert own[recipe]["first_token"] // per_step == visits[0].first_step
            assert own[recipe]["exposures"] == len({visit.epoch for visit in visits})


def test_what_no_run_read_has_no_row(lake: LakeResources) -> None:
    unread = catalogue_of(lake).query(
        "SELECT m.doc_id FROM pruned_mixtures m ANTI JOIN "
        "(SELECT doc_id FROM run_documents JOIN training_runs USING (run_id) WHERE recipe = 'd4') USING (doc_id) "
        "WHERE m.recipe = 'd4' AND m.live AND m.kept"
    )
    kept = lake.store.table(lake.store.required("pruned_mixtures", "d4"))["kept"].to_pylist()
    assert unread.num_rows == sum(kept) - len(replayed(lake, "d4"))
