"""Pruned mixtures: exact targets, a step and a reason for every drop, and witnesses that rank before."""

import dataclasses
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from support.lake import copy_of, materialize

from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME
from assets.prune.pruned_mixtures import STEPS, mixtures_at_once, pruned_mixtures, show
from guyot.prune import names_of
from guyot.prune.length import Length
from guyot.prune.near_duplicates.maxima import NEVER
from guyot.prune.random import Random
from guyot.prune.semdedup import SemDeDup
from guyot.recipe import Recipe
from jobs.materialize import PartlyBuiltError
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.settings import Settings

each_recipe = pytest.mark.parametrize("name", list(BY_NAME))
REASONS = {
    "everything": set(), "random": {"random"}, "exact": {"copy", "random"}, "length": {"long"},
    "clean": {"unparsable", *(f"{side}_{name}" for side in ("low", "high")
                              for name in ("words", "max_line", "alpha_fraction", "duplicate_lines"))},
    "minhash": {"copy", "shared_shingles"}, "cover": {"copy", "near_duplicate"}, "density": {"near_duplicate", "dense"}, "scip": {"small_cluster", "far"},
    "semdedup": {"near_duplicate", "random"}, "prototypes": {"prototypical"}, "d4": {"near_duplicate", "prototypical"},
}  # fmt: skip


def documents(lake: LakeResources) -> dict[str, dict[str, Any]]:
    """Join all that is known of each live document, by doc_id."""
    found: dict[str, dict[str, Any]] = {}
    for shard in lake.shards():
        for table in ("raw_shards", "quality_signals"):
            for row in lake.store.table(lake.store.required(table, shard)).to_pylist():
                found.setdefault(row["doc_id"], {}).update(row)
    for row in lake.store.table(lake.store.required("cluster_scores")).to_pylist():
        found[row["doc_id"]].update(scored=row)
    return found


def mixture(lake: LakeResources, name: str) -> tuple[Manifest, dict[str, dict[str, Any]]]:
    manifest = lake.store.required("pruned_mixtures", name)
    rows = lake.store.table(manifest).to_pylist()
    assert [row["doc_id"] for row in rows] == sorted(row["doc_id"] for row in rows)
    return manifest, {row["doc_id"]: row for row in rows}


@each_recipe
def test_every_live_document_is_kept_or_dropped_for_a_reason(lake: LakeResources, name: str) -> None:
    known, (_, rows) = documents(lake), mixture(lake, name)
    assert set(rows) == set(known)
    for doc_id, row in rows.items():
        if known[doc_id]["split"] == "held_out":
            assert row == {"doc_id": doc_id, "kept": False, "step": "held_out", "reason": "held_out",
                           "score": None, "threshold": None, "witness": None}  # fmt: skip
        elif row["kept"]:
            assert (row["step"], row["reason"], row["witness"]) == (None, None, None)
        else:
            assert row["step"] in names_of(BY_NAME[name].steps)
            assert row["reason"] in REASONS[name]
            assert (row["witness"] is None) == (
                row["reason"] not in ("copy", "near_duplicate", "shared_shingles")
            )
    assert {row["split"] for row in known.values()} == {"train", "held_out"}


@each_recipe
def test_the_target_is_met_and_no_further_document_fits(lake: LakeResources, name: str) -> None:
    known, (manifest, rows) = documents(lake), mixture(lake, name)
    recipe = BY_NAME[name]
    weight = {
        d: 1 if recipe.unit == "documents" else row[recipe.unit]
        for d, row in known.items()
        if row["split"] == "train"
    }
    if recipe.target_fraction is None:
        assert (manifest.facts["target"], manifest.facts["kept_units"]) == (
            None,
            sum(weight[d] for d in weight if rows[d]["kept"]),
        )
        return
    target = int(sum(weight.values()) * Fraction(str(recipe.target_fraction)))
    kept = [d for d, row in rows.items() if row["kept"]]
    reached = sum(weight[d] for d in kept)
    assert (manifest.facts["target"], manifest.facts["kept_units"], manifest.facts["n_kept"]) == (
        target,
        reached,
        len(kept),
    )
    assert reached == target if recipe.unit == "documents" else reached <= target
    last = names_of(recipe.steps)[-1]
    if last in ("density", "scip"):  # stand in a line of their own: see their tests in tests/guyot/prune
        return
    decided = [d for d in weight if rows[d]["kept"] or rows[d]["step"] == last]
    best_first = sorted(decided, key=lambda d: (-rows[d]["score"], d))
    assert sorted(best_first[: len(kept)]) == sorted(kept)
    if len(best_first) > len(kept):
        assert reached + weight[best_first[len(kept)]] > target
    never = {"exact": 1.0, "everything": 0.0}.get(last, NEVER)  # of what no other document was compared with
    scored = [d for d in kept if rows[d]["score"] != never]
    lowest = min((rows[d]["score"] for d in scored), default=None)
    assert {rows[d]["threshold"] for d in decided} == {lowest}


def test_a_limit_of_its_own_is_every_documents_threshold(lake: LakeResources) -> None:
    for name, limit in (("minhash", 1 - 0.8), ("cover", 0.05)):
        last = names_of(BY_NAME[name].steps)[-1]
        rows = [row for row in mixture(lake, name)[1].values() if row["kept"] or row["step"] == last]
        assert {row["threshold"] for row in rows} == {limit}
    rows = list(mixture(lake, "scip")[1].values())
    assert {row["threshold"] for row in rows if row["reason"] == "small_cluster"} == {None}
    assert len({row["threshold"] for row in rows if row["reason"] == "far"}) == 1


@each_recipe
def test_scores_are_what_the_method_says_of_the_document(lake: LakeResources, name: str) -> None:
    known, (_, rows) = documents(lake), mixture(lake, name)
    train = {d: row for d, row in known.items() if row["split"] == "train"}
    first_of: dict[str, str] = {}
    for doc_id in sorted(train):
        first_of.setdefault(train[doc_id]["content_digest"], doc_id)
    for doc_id, document in train.items():
        row, scored = rows[doc_id], document["scored"]
        similar = scored["max_similarity"]
        unlike = 2.0 if similar is None else 1 - similar
        wanted = {
            "exact": 1.0 if first_of[document["content_digest"]] == doc_id else 0.0, "length": -document["tokens"],
            "semdedup": unlike, "prototypes": scored["distance"],
            "d4": unlike if row["step"] == "semdedup" else row["score"],
        }  # fmt: skip
        assert row["score"] == wanted.get(name, row["score"]), (doc_id, row)
        if row["reason"] == "copy":
            assert row["witness"] == first_of[document["content_digest"]] != doc_id
        if row["reason"] == "near_duplicate" and name not in ("cover",):
            assert row["witness"] == scored["witness"]
            by_rank = [(-train[d]["scored"]["distance"], d) for d in (row["witness"], doc_id)]
            assert by_rank[0] < by_rank[1]


def test_copies_are_among_what_is_dropped_and_lots_repeat(lake: LakeResources) -> None:
    dropped = [row["reason"] for row in mixture(lake, "exact")[1].values() if not row["kept"]]
    assert "copy" in dropped
    drawn = {d: row["score"] for d, row in mixture(lake, "random")[1].items() if row["score"] is not None}
    assert len(set(drawn.values())) == len(drawn)
    assert all(0 <= score < 1 for score in drawn.values())


def test_d4_leaves_its_first_step_at_least_its_share_of_tokens(lake: LakeResources) -> None:
    known, (_, rows) = documents(lake), mixture(lake, "d4")
    first = BY_NAME["d4"].steps[0]
    assert isinstance(first, SemDeDup)
    tokens = {d: row["tokens"] for d, row in known.items() if row["split"] == "train"}
    share = sum(tokens.values()) * Fraction(str(first.keep_fraction))
    left = [d for d in tokens if rows[d]["step"] != "semdedup"]
    worst = max(left, key=lambda d: (-unlikeness(known[d]), d))
    assert sum(tokens[d] for d in left) >= int(share) > sum(tokens[d] for d in left) - tokens[worst]
    gone = {d for d in tokens if rows[d]["step"] == "semdedup"}
    assert gone
    assert all((unlikeness(known[d]), worst) <= (unlikeness(known[worst]), d) for d in gone)


def unlikeness(document: dict[str, Any]) -> float:
    similar = document["scored"]["max_similarity"]
    return 2.0 if similar is None else 1 - similar


def test_a_mixture_names_its_snapshot_and_recipe(lake: LakeResources) -> None:
    snapshot = lake.store.required("cluster_scores").facts["snapshot"]
    for name, recipe in BY_NAME.items():
        manifest = lake.store.required("pruned_mixtures", name)
        assert manifest.facts["snapshot"] == snapshot
        assert manifest.settings["recipe"] == recipe.to_dict()
        clustering = {
            "clustering.n_clusters",
            "clustering.iterations",
            "clustering.points_per_cluster",
            "seed",
        }
        assert set(manifest.settings) == {"recipe"} | (clustering if name == "d4" else set())


@each_recipe
def test_each_step_has_its_account(lake: LakeResources, name: str) -> None:
    manifest, rows = mixture(lake, name)
    told = lake.store.table(manifest, STEPS.file).to_pylist()
    assert [row["step"] for row in told] == list(names_of(BY_NAME[name].steps))
    tokens = {d: row["tokens"] for d, row in documents(lake).items()}
    for row in told:
        dropped = [d for d in rows if rows[d]["step"] == row["step"]]
        assert (row["dropped"], row["dropped_tokens"]) == (len(dropped), sum(tokens[d] for d in dropped))
        assert row["alone"] is None or 0 <= row["shared"] <= row["alone"]
    if len(told) == 1:
        assert (told[0]["alone"], told[0]["shared"]) == (told[0]["dropped"], 0)
    assert (manifest.facts["uncovered"] is None) == (
        not any(isinstance(s, SemDeDup) for s in BY_NAME[name].steps)
    )
    if name == "cover":
        assert manifest.facts["uncovered"] == 0


def test_what_is_shown_is_the_table_of_steps(lake: LakeResources) -> None:
    manifest, _ = mixture(lake, "d4")
    shown = show(pruned_mixtures.reader(lake), manifest)
    assert {name: shown[name] for name in ("kept_units", "target")} == {
        name: manifest.facts[name] for name in ("kept_units", "target")
    }
    names, _, *lines = shown["steps"].value.splitlines()
    assert names == "| step | dropped | dropped_tokens | alone | shared |"
    steps = lake.store.table(manifest, STEPS.file).to_pylist()
    assert [line.split(" | ")[1] for line in lines] == [str(step["dropped"]) for step in steps]


def test_a_document_in_a_mixture_is_one_of_the_documents(lake: LakeResources) -> None:
    lineage = pruned_mixtures.tables[0].dagster_lineage().deps_by_column
    assert [(dep.asset_key.path, dep.column_name) for dep in lineage["doc_id"]] == [
        (["raw_shards"], "doc_id")
    ]


def test_a_recipe_that_cannot_be_cut_stops_no_other(
    lake: LakeResources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copy_of(lake, tmp_path / "copy")
    impossible = Recipe("length", (Random(keep_fraction=0.2), Length()), 0.9)
    monkeypatch.setitem(BY_NAME, "length", impossible)
    shutil.rmtree(Path(copy.store.path("pruned_mixtures")))
    with pytest.raises(
        PartlyBuiltError,
        match=r"1 of \d+ recipes of pruned_mixtures cannot be built, the others are: recipe length: the ",
    ):
        materialize(copy, until="pruned_mixtures")
    assert copy.store.partitions("pruned_mixtures") == sorted(set(BY_NAME) - {"length"})


def test_only_minhash_and_scip_are_made_from_more_than_cluster_scores(lake: LakeResources) -> None:
    inputs = {name: set(pruned_mixtures.spec(lake, name).inputs) - {"cluster_scores"} for name in BY_NAME}
    wanted = {"minhash": {"minhash_scores"}, "scip": {"corruption_sensitivity"}}
    assert inputs == {name: wanted.get(name, set()) for name in BY_NAME}


def test_a_mixture_is_cut_where_the_audit_of_its_method_was_not_made(
    lake: LakeResources, tmp_path: Path
) -> None:
    copy = copy_of(lake, tmp_path / "copy")
    shutil.rmtree(Path(copy.store.path("corruption_sensitivity")))
    assert pruned_mixtures.spec(copy, "scip").inputs["corruption_sensitivity"] == ""


@pytest.mark.parametrize(
    ("threads", "rows", "at_once"),
    [
        (1, 10, 1),
        (2, 10, 4),
        (8, 10, 16),
        (2, 1_000_000, 3),
        (8, 1_000_000, 3),
        (2, 10_000_000, 1),
        (2, None, 4),
    ],
)
def test_as_many_are_cut_at_a_time_as_hold_little(
    lake: LakeResources, threads: int, rows: int | None, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = lake.store.required("cluster_scores")
    files = {"rows.parquet": dataclasses.replace(scores.files["rows.parquet"], rows=rows or 0)}
    found = dataclasses.replace(scores, files=files) if rows else None
    monkeypatch.setattr(Store, "current", lambda *of: found)
    lake = LakeResources(Settings.of(lake=lake.settings.lake, threads=threads))
    assert mixtures_at_once(lake) == at_once
    assert pruned_mixtures.workers(lake) == at_once
    monkeypatch.setattr(type(lake.engine), "has_own_cores", True)
    assert pruned_mixtures.workers(lake) is None, "as many as a cluster has processors"
