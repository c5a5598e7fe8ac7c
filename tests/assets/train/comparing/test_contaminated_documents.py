"""Held-out documents with a copy in training: the union over recipes, of the mixtures that runs consumed."""

import shutil
from pathlib import Path

import pyarrow as pa
from support.contamination import contamination_lake, id_of, put
from support.lake import build_asset, reader_of

from assets.graph.lake import LakeResources
from assets.train.comparing.contaminated_documents import contaminated_documents
from resources.lake.manifest import Manifest

ONE = "words of a first held out text which a document of training says once more to the letter"
TWO = "some of the other sort that a second document has in common with what was held out of training"
TEXTS = {
    "a": (ONE, "train"),
    "b": (TWO, "train"),
    "c": ("nothing that another says", "train"),
    "one": (ONE, "held_out"),
    "two": (TWO, "held_out"),
    "free": ("held out and said nowhere else", "held_out"),
}
IDS = {key: id_of(key, text) for key, (text, _) in TEXTS.items()}


def scored(root: Path) -> LakeResources:
    lake = contamination_lake(root / "lake")
    put(lake, {"s": TEXTS}, {"bench": [ONE]})
    build_asset(lake, "contamination_scores")
    return lake


def evaluation(lake: LakeResources, key: str, kept: str, snapshot: dict | None = None) -> Manifest:
    """Write an evaluation of a run that was trained on a mixture of the documents of these keys."""
    with lake.store.write(
        "pruned_mixtures", key[:-2], inputs={}, settings={"kept": kept}, code=""
    ) as mixture:
        ids = sorted(IDS.values())
        mixture.table(pa.table({"doc_id": ids, "kept": [i in {IDS[k] for k in kept} for i in ids]}))
        live = lake.store.required("cluster_scores").facts["snapshot"]
        mixture.facts["snapshot"] = live if snapshot is None else snapshot
    consumed = lake.store.required("pruned_mixtures", key[:-2]).version
    with lake.store.write("training_runs", key, inputs={}, settings={"kept": kept}, code="") as run:
        run.table(pa.table({"run": [key]}))
        run.facts["mixture_version"] = consumed
    inputs = {"training_runs": lake.store.required("training_runs", key).version}
    with lake.store.write("evaluations", key, inputs=inputs, settings={}, code="") as writer:
        writer.table(pa.table({"run": [key]}))
    return lake.store.required("evaluations", key)


def of(*keys: str) -> list[bytes]:
    return sorted(IDS[key].encode() for key in keys)


def test_they_are_those_that_any_run_trained_on_a_copy_of(tmp_path: Path) -> None:
    lake = scored(tmp_path)
    free = {"exact": [evaluation(lake, "exact/0", "c")]}
    assert contaminated_documents(reader_of(lake), free).ids.tolist() == []
    first = {"random": [evaluation(lake, "random/0", "ac")]}
    found = contaminated_documents(reader_of(lake), {**free, **first})
    assert (found.ids.tolist(), found.unknown) == (of("one"), "")
    assert found.recipes == {"random", "exact"}
    assert found.of("exact") is found.ids, "each is compared without what another one saw"
    # a later run of the same recipe, on another mixture
    first["random"].append(evaluation(lake, "random/1", "bc"))
    assert contaminated_documents(reader_of(lake), first).ids.tolist() == of("one", "two")
    assert contaminated_documents(reader_of(lake), {}).ids.tolist() == []


def test_a_mixture_counts_that_was_trained_on_and_not_the_live_one(tmp_path: Path) -> None:
    lake = scored(tmp_path)
    before = {"random": [evaluation(lake, "random/0", "a")]}
    evaluation(lake, "random/0", "c")
    assert contaminated_documents(reader_of(lake), before).ids.tolist() == of("one")


def test_recipes_of_another_snapshot_are_left_out_and_named(tmp_path: Path) -> None:
    lake = scored(tmp_path)
    runs = {
        "exact": [evaluation(lake, "exact/0", "b")],
        "random": [evaluation(lake, "random/0", "a"), evaluation(lake, "random/1", "c", {})],
    }
    found = contaminated_documents(reader_of(lake), runs)
    assert (found.ids.tolist(), found.recipes) == (of("two"), {"exact"})
    assert found.of("random") is None
    scores = lake.store.required("contamination_scores")
    assert found.unknown == (
        "the mixtures that random trained on are of another snapshot than contamination_scores "
        f"{scores.version}; materialize training_runs and evaluations of 1 recipe again"
    )
    shutil.rmtree(lake.store.path("contamination_scores"))
    none = contaminated_documents(reader_of(lake), runs)
    assert (none.ids.tolist(), none.recipes) == ([], frozenset())
    assert none.unknown.startswith("the lake has no contamination_scores")
