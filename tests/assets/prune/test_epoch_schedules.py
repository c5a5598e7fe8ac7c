"""Epoch schedules: the budget to the token, every token once an epoch, and histograms that add up."""

import json
import shutil
from collections import Counter
from typing import Any

import pytest

from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME
from assets.prune.epoch_schedules import epoch_schedules, schedule_of
from guyot.errors import MissingError
from guyot.train.schedule import segments

each_recipe = pytest.mark.parametrize("name", list(BY_NAME))


def kept_tokens(lake: LakeResources, name: str) -> dict[str, int]:
    """Return the tokens of what a mixture keeps, joined by hand."""
    rows = lake.store.table(lake.store.required("pruned_mixtures", name)).to_pylist()
    tokens: dict[str, int] = {}
    for shard in lake.shards():
        for row in lake.store.table(lake.store.required("quality_signals", shard)).to_pylist():
            tokens[row["doc_id"]] = row["tokens"]
    return {row["doc_id"]: tokens[row["doc_id"]] for row in rows if row["kept"]}


@each_recipe
def test_epochs_spend_the_same_budget_for_every_recipe(lake: LakeResources, name: str) -> None:
    manifest = lake.store.required("epoch_schedules", name)
    epochs = lake.store.table(manifest).to_pylist()
    tokens = kept_tokens(lake, name)
    assert sum(epoch["n_tokens"] for epoch in epochs) == lake.settings.training.tokens == 2000
    assert [epoch["epoch"] for epoch in epochs] == list(range(len(epochs)))
    for epoch in epochs[:-1]:
        assert (epoch["n_documents"], epoch["n_tokens"]) == (len(tokens), sum(tokens.values()))
    assert 0 < epochs[-1]["n_tokens"] <= sum(tokens.values())
    assert manifest.facts["mixture_tokens"] == sum(tokens.values())
    assert {epoch["segment_tokens"] for epoch in epochs} == {lake.settings.training.segment_tokens}


@each_recipe
def test_the_order_visits_every_token_once_an_epoch_and_is_what_the_rows_count(
    lake: LakeResources, name: str
) -> None:
    manifest = lake.store.required("epoch_schedules", name)
    epochs = lake.store.table(manifest).to_pylist()
    tokens = kept_tokens(lake, name)
    ids, schedule = schedule_of(epoch_schedules.reader(lake), manifest)
    assert [i.decode() for i in ids] == sorted(tokens)
    seen: list[Counter[tuple[int, int]]] = [Counter() for _ in epochs]
    exposed: Counter[int] = Counter()
    everything = {
        (row, place) for row, doc_id in enumerate(sorted(tokens)) for place in range(tokens[doc_id])
    }
    for segment in segments(schedule):
        assert 0 < segment.n_tokens <= lake.settings.training.segment_tokens
        seen[segment.epoch].update((segment.row, segment.first_token + i) for i in range(segment.n_tokens))
    for epoch, places in zip(epochs, seen, strict=True):
        assert set(places.values()) == {1}
        assert set(places) == everything if epoch["epoch"] < len(epochs) - 1 else set(places) <= everything
        rows = {row for row, _ in places}
        exposed.update(rows)
        assert (epoch["n_documents"], epoch["n_tokens"]) == (len(rows), len(places))
        histogram = Counter(str(exposed[row]) for row in range(len(tokens)))
        assert json.loads(epoch["exposure_histogram"]) == histogram
        assert histogram.total() == len(tokens)
    assert len(epochs) > 1 or schedule.train_tokens <= sum(tokens.values())


def test_some_schedule_has_more_than_one_epoch_and_its_orders_differ(lake: LakeResources) -> None:
    manifest = lake.store.required("epoch_schedules", "semdedup")
    _, schedule = schedule_of(epoch_schedules.reader(lake), manifest)
    orders = [[v.row for v in segments(schedule) if v.epoch == epoch] for epoch in (0, 1)]
    assert orders[0][: len(orders[1])] != orders[1]
    longest = max(schedule.token_counts)
    assert longest > lake.settings.training.segment_tokens  # so that something is visited in pieces


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"training.tokens": 9}, False),
        ({"training.segment_tokens": 9}, False),
        ({"seed": 9}, False),
        ({"training.model_width": 32}, True),
    ],
)
def test_a_schedule_is_made_anew_by_its_own_settings(
    lake: LakeResources, change: dict[str, int], same: bool
) -> None:
    changed = LakeResources(lake.settings.changed(**change))
    assert epoch_schedules.spec(changed, "d4").is_live(lake.store) == same


def test_a_schedule_whose_mixture_is_gone_is_refused_by_name(changed: Any) -> None:
    lake = changed()
    schedule = lake.store.required("epoch_schedules", "d4")
    version = schedule.facts["mixture_version"]
    folder = lake.store.path("pruned_mixtures", "d4", version)
    shutil.rmtree(folder)
    with pytest.raises(MissingError, match=f"pruned_mixtures/d4 version {version}"):
        schedule_of(epoch_schedules.reader(lake), schedule)
