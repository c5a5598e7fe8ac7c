"""Epoch schedules: the budget to the token, every token once an epoch, and histograms that add up."""

import dataclasses
import json
import shutil
from collections import Counter
from typing import Any

import numpy as np
import pytest

from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME
from assets.prune.epoch_schedules import epoch_schedules, schedule_of
from guyot.errors import MissingError
from guyot.train.schedule import segments
from resources.lake.manifest import Manifest

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
    everywhere = [row["doc_id"] for shard in sorted(lake.shards())
                  for row in lake.store.table(lake.store.required("quality_signals", shard)).to_pylist()]  # fmt: skip
    assert [i.decode() for i in ids if i] == everywhere
    number = {doc_id.decode(): row for row, doc_id in enumerate(ids)}
    assert set(np.flatnonzero(schedule.repeats).tolist()) == {number[doc_id] for doc_id in tokens}
    seen: list[Counter[tuple[int, int]]] = [Counter() for _ in epochs]
    exposed: Counter[int] = Counter()
    everything = {(number[doc_id], place) for doc_id in tokens for place in range(tokens[doc_id])}
    for segment in segments(schedule):
        assert 0 < segment.n_tokens <= lake.settings.training.segment_tokens
        seen[segment.epoch].update((segment.row, segment.first_token + i) for i in range(segment.n_tokens))
    for epoch, places in zip(epochs, seen, strict=True):
        assert set(places.values()) == {1}
        assert set(places) == everything if epoch["epoch"] < len(epochs) - 1 else set(places) <= everything
        rows = {row for row, _ in places}
        exposed.update(rows)
        assert (epoch["n_documents"], epoch["n_tokens"]) == (len(rows), len(places))
        histogram = Counter(str(exposed[number[doc_id]]) for doc_id in tokens)
        assert json.loads(epoch["exposure_histogram"]) == histogram
        assert histogram.total() == len(tokens)
    assert len(epochs) > 1 or schedule.train_tokens <= sum(tokens.values())


def test_some_schedule_has_more_than_one_epoch_and_its_orders_differ(lake: LakeResources) -> None:
    manifest = lake.store.required("epoch_schedules", "semdedup")
    _, schedule = schedule_of(epoch_schedules.reader(lake), manifest)
    orders = [[v.row for v in segments(schedule) if v.epoch == epoch] for epoch in (0, 1)]
    assert orders[0][: len(orders[1])] != orders[1]
    longest = max(schedule.token_counts[schedule.repeats > 0])
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


def test_two_recipes_read_what_they_share_in_the_same_order(lake: LakeResources) -> None:
    reader, orders = epoch_schedules.reader(lake), []
    for name in ("semdedup", "d4"):
        ids, schedule = schedule_of(reader, lake.store.required("epoch_schedules", name))
        first = [(ids[s.row], s.first_token) for s in segments(schedule) if s.epoch == 0]
        orders.append(first)
    shared = set(orders[0]) & set(orders[1])
    assert len(shared) > 10
    one, other = ([visit for visit in order if visit in shared] for order in orders)
    assert one == other


@pytest.mark.parametrize(("order", "says"), [("rows-0", "planned in 'rows-0'"), (None, "in 'an older one'")])
def test_a_schedule_of_another_order_is_refused(lake: LakeResources, order: str | None, says: str) -> None:
    stored: Manifest = lake.store.required("epoch_schedules", "d4")
    facts = {name: value for name, value in stored.facts.items() if name != "order" or order is not None}
    other = dataclasses.replace(stored, facts={**facts, "order": order} if order else facts)
    with pytest.raises(MissingError, match=f"epoch_schedules/d4 version {stored.version} .*{says}"):
        schedule_of(epoch_schedules.reader(lake), other)
