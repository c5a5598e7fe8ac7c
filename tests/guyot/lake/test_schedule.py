"""What a training reads, in order, is what the graph planned."""

import shutil
from pathlib import Path

import pytest
from support.forged import change_manifest
from support.lake import graph_lake

import guyot
from assets.graph.lake import LakeResources as GraphLake
from assets.prune.epoch_schedules import epoch_schedules, schedule_of
from guyot.errors import MissingError
from guyot.train.schedule import segments


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> GraphLake:
    return graph_lake(tmp_path_factory)


@pytest.mark.parametrize("recipe", ["everything", "semdedup", "exact"])
def test_it_is_the_graphs(made: GraphLake, recipe: str) -> None:
    stored = made.store.required("epoch_schedules", recipe)
    ids, planned = schedule_of(epoch_schedules.reader(made), stored)
    expected = [(v.epoch, ids[v.row].decode(), v.first_token, v.n_tokens) for v in segments(planned)]
    found = guyot.open_lake(made.store.root).schedule(recipe)
    assert [(one.epoch, one.doc_id, one.first_token, one.n_tokens) for one in found] == expected
    assert sum(n_tokens for *_, n_tokens in expected) == 2000
    resumed = list(guyot.open_lake(made.store.root).schedule(recipe, from_token=1500))
    assert sum(one.n_tokens for one in resumed) == 500
    assert [one.doc_id for one in resumed[1:]] == [doc_id for _, doc_id, *_ in expected][-len(resumed) + 1 :]


def test_a_recipe_without_a_schedule(made: GraphLake) -> None:
    with pytest.raises(
        MissingError, match="epoch_schedules/d5 was asked for; .* of epoch_schedules it holds"
    ):
        next(guyot.open_lake(made.store.root).schedule("d5"))


def test_a_schedule_of_another_order_is_refused(made: GraphLake, tmp_path: Path) -> None:
    shutil.copytree(made.store.root, tmp_path / "lake", ignore=shutil.ignore_patterns(".writing"))
    version = made.store.required("epoch_schedules", "exact").version
    manifest = tmp_path / "lake" / "epoch_schedules" / "exact" / version / "manifest.json"
    change_manifest(manifest, lambda fields: fields["facts"].update(order="rows-0"))
    with pytest.raises(MissingError, match="epoch_schedules/exact version .* planned in 'rows-0'"):
        next(guyot.open_lake(tmp_path / "lake").schedule("exact"))
