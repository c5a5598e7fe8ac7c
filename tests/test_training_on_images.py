"""Trainings on images through the real graph, from the split that the source states to leaderboard and soup."""

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.labelled_images import COLOURS, labelled_lake
from support.lake import build_asset, build_lake, copy_of, reader_of

import guyot as library
from assets.graph.lake import LakeResources
from assets.prune.epoch_schedules import epoch_schedules, schedule_of
from assets.train.training_runs import CHECKPOINT, CURVE, training_runs
from guyot.errors import SettingError
from guyot.images.decode import decode
from guyot.images.square import square_pixels
from guyot.train.schedule import segments
from jobs.cli.lineage_tables import runs_that_saw
from resources.models.image_examples import ImageExamples
from resources.models.image_trainer import ImageTrainer

RECIPES = ["random", "semdedup"]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    """Return a lake of labels with two runs of two recipes each; only read it."""
    root = tmp_path_factory.mktemp("labels")
    lake = labelled_lake(root, **{"training.seeds": 2, "training.warmup_images": 16})
    return build_lake(lake, until="catalogue", recipes=RECIPES)


def documents(lake: LakeResources) -> dict[str, dict[str, Any]]:
    """Return the documents with their images, by doc_id."""
    found: dict[str, dict[str, Any]] = {}
    for shard in lake.shards():
        manifest = lake.store.required("raw_shards", shard)
        images = lake.store.table(manifest, "images.parquet")["image"].to_pylist()
        for row, image in zip(lake.store.table(manifest).to_pylist(), images, strict=True):
            found[row["doc_id"]] = {**row, "image": image, "meta": json.loads(row["meta"])}
    return found


def table(
    lake: LakeResources, name: str, key: str = "all", file: str = "rows.parquet"
) -> list[dict[str, Any]]:
    return lake.store.table(lake.store.required(name, key), file).to_pylist()


def test_the_split_is_the_one_that_the_source_states(lake: LakeResources) -> None:
    rows = documents(lake).values()
    counted = Counter((row["meta"]["split"], row["split"]) for row in rows)
    assert counted == {("train", "train"): 40, ("validation", "held_out"): 10, ("ood", "held_out"): 10}


def test_a_schedule_counts_images_and_passes_over_those_without_a_label(lake: LakeResources) -> None:
    known = documents(lake)
    for recipe in RECIPES:
        manifest = lake.store.required("epoch_schedules", recipe)
        ids, schedule = schedule_of(epoch_schedules.reader(lake), manifest)
        kept = {row["doc_id"] for row in table(lake, "pruned_mixtures", recipe) if row["kept"]}
        labelled = {one for one in kept if known[one]["meta"]["colour"]}
        visits = [ids[one.row].decode() for one in segments(schedule)]
        assert len(visits) == sum(epoch["n_tokens"] for epoch in table(lake, "epoch_schedules", recipe)) == 60
        assert set(visits) == labelled
        assert manifest.facts["without_target"] == len(kept) - len(labelled)
        times = Counter(visits)
        assert max(times.values()) - min(times.values()) <= 1
        read = {row["doc_id"]: row["exposures"] for row in table(lake, "training_runs", f"{recipe}/0", "documents.parquet")}  # fmt: skip
        assert sum(read.values()) == 60, "the run has an order of its own, of the same images"
        assert set(read) == labelled
        ordered = library.open_lake(lake.store.root).schedule(recipe)
        assert [one.doc_id for one in ordered] == visits
    assert lake.store.required("epoch_schedules", "random").facts["image_targets"]["label_column"] == "colour"


def test_saw_names_the_steps_that_the_replayed_order_has(lake: LakeResources) -> None:
    (row,) = table(lake, "training_runs", "semdedup/0")
    config = json.loads(row["config"])
    reader = epoch_schedules.reader(lake)
    pinned = reader.pinned("epoch_schedules", "semdedup", row["schedule_version"])
    ids, schedule = schedule_of(reader, pinned, config["order_seed"])
    steps: dict[str, set[tuple[int, int]]] = {}
    for place, one in enumerate(segments(schedule)):
        steps.setdefault(ids[one.row].decode(), set()).add((one.epoch, place // config["batch_images"]))
    for doc_id in list(steps)[:5]:
        rows = [r for r in runs_that_saw(lake, doc_id).rows.to_pylist() if r["run_id"] == row["run_id"]]
        found = {(r["epoch"], step) for r in rows for step in range(r["first_step"], r["last_step"] + 1)}
        assert found == steps[doc_id]
        assert sum(r["tokens"] for r in rows) == sum(
            ids[one.row].decode() == doc_id for one in segments(schedule)
        )


def test_a_run_is_trained_on_the_visits_of_its_schedule_and_nothing_else(lake: LakeResources) -> None:
    known = documents(lake)
    (row,) = table(lake, "training_runs", "random/1")
    run = lake.store.required("training_runs", "random/1")
    config = json.loads(row["config"])
    assert config["classes"] == sorted(COLOURS)
    assert (row["tokens"], row["steps"]) == (60, 8)
    reader = training_runs.reader(lake)
    pinned = reader.pinned("epoch_schedules", "random", row["schedule_version"])
    ids, schedule = schedule_of(reader, pinned, config["order_seed"])
    visits = [known[ids[one.row].decode()] for one in segments(schedule)]
    pixels = [square_pixels(decode(one["image"], max_pixels=10**6).pixels, 8) for one in visits]
    numbers = [np.array([sorted(COLOURS).index(one["meta"]["colour"])], np.int32) for one in visits]
    warm = lake.store.required("shared_init")
    again = ImageTrainer(settings=lake.settings).train(
        ImageExamples(np.stack(pixels), numbers), np.arange(60), objective="label", n_outputs=3, seed=1,
        initial=lake.store.checked(warm, CHECKPOINT),
    )  # fmt: skip
    assert again.weights == lake.store.checked(run, CHECKPOINT)
    assert again.init == row["init"] == table(lake, "shared_init")[0]["init"]
    assert [point["tokens"] for point in table(lake, "training_runs", "random/1", CURVE.file)] == [
        0,
        16,
        32,
        48,
        60,
    ]


def test_evaluations_are_bits_per_image_and_accuracy_by_stated_split(lake: LakeResources) -> None:
    known = documents(lake)
    rows = table(lake, "evaluations", "random/0")
    costs = table(lake, "evaluations", "random/0", "documents.parquet")
    images = table(lake, "evaluations", "random/0", "images.parquet")
    assert {(row["slice"], row["metric"]): row["n"] for row in rows} == {
        (name, metric): n for name, n in (("all", 20), ("split validation", 10), ("split ood", 10))
        for metric in ("bits_per_image", "accuracy")
    }  # fmt: skip
    assert {row["scored_bytes"] for row in costs} == {1}
    stated = {row["doc_id"]: row["stated_split"] for row in images}
    assert stated == {one: known[one]["meta"]["split"] for one in stated}
    by = {(row["slice"], row["metric"]): row["value"] for row in rows}
    ood = [row["nats"] for row in costs if stated[row["doc_id"]] == "ood"]
    assert by["split ood", "bits_per_image"] == pytest.approx(np.mean(ood) / math.log(2))
    assert by["all", "accuracy"] == np.mean([row["is_right"] for row in images])
    assert by["all", "accuracy"] > 0.6, "colours are easy"


def test_the_leaderboard_pairs_images_and_slices_them_by_split(lake: LakeResources) -> None:
    rows = {row["recipe"]: row for row in table(lake, "leaderboard")}
    row = rows["semdedup"]
    assert (row["runs"], row["paired_seeds"], row["held_out_documents"]) == (2, 2, 20)
    assert row["bits_per_byte_short"] is None
    means = {
        recipe: np.mean(
            [
                np.mean(
                    [one["nats"] for one in table(lake, "evaluations", f"{recipe}/{s}", "documents.parquet")]
                )
                for s in (0, 1)
            ]
        )
        / math.log(2)
        for recipe in RECIPES
    }
    assert row["bits_per_byte"] == pytest.approx(means["semdedup"])
    assert row["difference"] == pytest.approx(means["semdedup"] - means["random"])
    assert row["tokens"] == sum(
        json.loads(lake.store.table(lake.store.required("epoch_schedules", "semdedup"))["exposure_histogram"][0].as_py()).values()
    )  # fmt: skip
    names = {one["slice"] for one in table(lake, "leaderboard", file="slices.parquet")}
    assert {"all", "split ood", "split validation"} <= names
    assert not names & {"short", "long"}


def test_runs_of_a_warmed_up_model_make_soups(lake: LakeResources) -> None:
    rows = {row["method"]: row for row in table(lake, "model_soups", "random")}
    assert set(rows) == {
        "best_ingredient", "uniform", "greedy", "learned", "learned_per_layer", "ensemble"
    }  # fmt: skip
    assert {row["n"] + row["n_choosing"] for row in rows.values()} == {20}
    assert rows["greedy"]["bits_per_byte_choosing"] <= rows["best_ingredient"]["bits_per_byte_choosing"]
    assert len(table(lake, "model_soups", "random", "barriers.parquet")) == 1


def test_captions_train_the_contrastive_model_and_those_without_are_passed_over(
    lake: LakeResources, tmp_path: Path
) -> None:
    own = copy_of(lake, tmp_path / "lake", **of_captions(lake))
    build_lake(own, until="catalogue", recipes=["random"])
    known = documents(own)
    (row,) = table(own, "training_runs", "random/0")
    config = json.loads(row["config"])
    assert config["model"]["objective"] == "contrastive"
    assert "classes" not in config
    read = {one["doc_id"] for one in table(own, "training_runs", "random/0", "documents.parquet")}
    assert all(known[one]["content"] for one in read)
    assert table(own, "evaluations", "random/0")[0]["n"] == 18, (
        "two of twenty held-out images have no caption"
    )
    assert own.store.required("evaluations", "random/0").facts["without_target"] == 2
    saw = runs_that_saw(own, min(read)).rows["run_id"].to_pylist()
    assert row["run_id"] in saw


def of_captions(lake: LakeResources) -> dict[str, Any]:
    same = lake.settings.select(
        "encoder", "reading.documents", "reading.split_column", "reading.shard_bytes", "training.image_width",
        "training.learning_rate",
    )  # fmt: skip
    return {**same, "training.image_objective": "contrastive", "training.seeds": 1}


def test_a_column_that_is_no_label_is_refused_with_what_to_change(
    lake: LakeResources, tmp_path: Path
) -> None:
    own = copy_of(lake, tmp_path / "lake", **of_captions(lake))
    for column, message in (
        ("colours", "0 of .* images of the mixture have a target; give them captions, or set"),
        ("", "set training.label_column to the key"),
    ):
        wrong = LakeResources(
            own.settings.changed(training__image_objective="label", training__label_column=column)
        )
        with pytest.raises(SettingError, match=message):
            build_asset(wrong, "epoch_schedules", "random")
    every = LakeResources(
        own.settings.changed(training__image_objective="label", training__label_column="split")
    )
    build_asset(every, "epoch_schedules", "random")
    build_asset(every, "shared_init")
    with pytest.raises(SettingError, match="label_column=split has 1 values in 40 training images"):
        build_asset(every, "training_runs", "random/0")
    assert reader_of(every).current("training_runs", "random/0") == reader_of(lake).current(
        "training_runs", "random/0"
    )
