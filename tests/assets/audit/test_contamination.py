"""Copies of HumanEval's problems and of held-out documents, planted in a real graph: found to the document."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.contamination import HUMAN_EVAL, human_eval
from support.lake import build_asset, build_lake, lake_at, reader_of, scan

import guyot
from assets.audit.contamination import RECORDS, no_mixture_keeps_copies
from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME
from assets.prune.kept.contaminated_records import contaminated_held_out
from guyot.prune.decontaminate import Decontaminate
from guyot.prune.everything import Everything
from guyot.recipe import Recipe
from guyot.seeds import generator
from jobs.cli.explain import explain

RECIPE = Recipe("decontaminated", (Decontaminate(max_cosine=0.9), Everything()), None)
ALL_FIELDS = ("prompt", "entry_point", "canonical_solution", "test")


def own_text(seed: str, n: int = 120) -> str:
    """Return a text in words of its own."""
    draw = generator(0, seed)
    return " ".join(
        "".join(chr(97 + letter) for letter in draw.integers(0, 26, size)) for size in draw.integers(3, 9, n)
    )


def copies_of(text: str) -> dict[str, str]:
    """Copy a text whole, with a word changed in its middle, inside a longer text, and in another order."""
    words = text.split()
    edited = [*words[: len(words) // 2], "another", *words[len(words) // 2 + 1 :]]
    swapped = re.split(r"(\s+)", text)
    for i in range(2, len(swapped) - 2, 20):  # two neighbours of every ten words
        swapped[i], swapped[i + 2] = swapped[i + 2], swapped[i]
    return {
        "exact": text, "edited": " ".join(edited),
        "embedded": f"{own_text('before' + text)}\n{text}\n{own_text('after' + text)}",
        "reworded": "".join(swapped),
    }  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LakeResources, dict[str, str]]]:
    """Return a lake with planted copies, audited; and what each planted file is a copy of."""
    root = tmp_path_factory.mktemp("contaminated")
    source = root / "source"
    for folder in range(10):
        (source / f"folder{folder}").mkdir(parents=True)
        for number in range(3):
            name = f"folder{folder}/own{number}.txt"
            (source / name).write_text(own_text(name))
    lake = lake_at(
        root / "lake",
        source,
        **{
            "contamination.files": HUMAN_EVAL,
            "contamination.min_cosine": 0.9,
            "reading.held_out_unit": "directory",
        },
    )
    scan(lake)
    files = lake.store.table(lake.store.required("shard_registry")).to_pylist()
    train = sorted(file["path"] for file in files if file["split_unit"] == "train")
    held_out = sorted(file["path"] for file in files if file["split_unit"] == "held_out")
    problems = {key: "\n".join(one[name] for name in ALL_FIELDS) for key, one in human_eval().items()}
    records = {
        "HumanEval/12 of HumanEval": problems["HumanEval/12"],
        held_out[0]: (source / held_out[0]).read_text(),
    }
    planted: dict[str, str] = {}
    for number, (record, text) in enumerate(records.items()):
        for kind, copy in copies_of(text).items():
            path = f"{Path(train[number]).parent}/{kind}{number}.txt"
            (source / path).write_text(copy)
            planted[path] = record
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(BY_NAME, RECIPE.name, RECIPE)
        build_lake(lake, until="pruned_mixtures", recipes=["everything", "exact", RECIPE.name])
        build_asset(lake, "contamination")
        build_asset(lake, "catalogue")
        yield lake, planted


def paths_of(lake: LakeResources) -> dict[str, str]:
    raw = [
        row
        for shard in lake.shards()
        for row in lake.store.table(lake.store.required("raw_shards", shard)).to_pylist()
    ]
    names = {row["doc_id"]: row["source_path"] for row in raw}
    benchmark = lake.store.table(lake.store.required("evaluation_sets")).to_pylist()
    return names | {row["doc_id"]: f"{row['record_key']} of {row['evaluation_set']}" for row in benchmark}


def rows_of(
    lake: LakeResources, asset: str, key: str = "all", file: str = "rows.parquet"
) -> list[dict[str, Any]]:
    return lake.store.table(lake.store.required(asset, key), file).to_pylist()


def test_planted_copies_are_found_to_the_document_and_nothing_else_goes(
    made: tuple[LakeResources, dict[str, str]],
) -> None:
    lake, planted = made
    name = paths_of(lake)
    rows = [row for row in rows_of(lake, "pruned_mixtures", RECIPE.name) if row["step"] != "held_out"]
    dropped = {name[row["doc_id"]]: row for row in rows if not row["kept"]}
    assert {path: name[row["witness"]] for path, row in dropped.items()} == planted
    for path, row in dropped.items():
        assert row["step"] == "decontaminate"
        assert row["reason"] == ("reworded" if "reworded" in path else "contaminated")
        assert (row["score"] == 0) == ("exact" in path or "embedded" in path)
    assert len(rows) > len(dropped) > 0


def test_the_audit_counts_what_each_mixture_keeps(made: tuple[LakeResources, dict[str, str]]) -> None:
    lake, _ = made
    n_held_out = sum(row["step"] == "held_out" for row in rows_of(lake, "pruned_mixtures", "everything"))
    counts = {(row["recipe"], row["evaluation_set"]): row for row in rows_of(lake, "contamination")}
    for recipe, exact in (("everything", 1), (RECIPE.name, 0)):
        for name, records in (("held_out", n_held_out), ("HumanEval", 164)):
            assert counts.pop((recipe, name)) == {
                "recipe": recipe, "evaluation_set": name, "records": records, "exact": exact, "near": 0,
                "overlapping": 0, "reworded": 0, "clean": records - exact,
            }  # fmt: skip
    assert {recipe for recipe, _ in counts} == {"exact"}
    examples = [
        row for row in rows_of(lake, "contamination", file=RECORDS.file) if row["recipe"] == "everything"
    ]
    name = paths_of(lake)
    assert [(row["copy"], row["overlap"], row["jaccard"]) for row in examples] == [("exact", 1, 1)] * 2
    assert {Path(name[row["doc_id"]]).name for row in examples} == {"exact0.txt", "exact1.txt"}


def test_held_out_documents_with_copies_are_named_for_each_mixture(
    made: tuple[LakeResources, dict[str, str]],
) -> None:
    lake, planted = made
    reader, name = reader_of(lake), paths_of(lake)
    found = contaminated_held_out(reader, lake.store.required("pruned_mixtures", "everything"))
    assert [name[one.decode()] for one in found] == [list(planted.values())[-1]]
    assert len(contaminated_held_out(reader, lake.store.required("pruned_mixtures", RECIPE.name))) == 0


def test_the_check_warns_of_mixtures_with_copies(made: tuple[LakeResources, dict[str, str]]) -> None:
    result = no_mixture_keeps_copies.result(made[0])
    assert not result.passed
    assert "everything: 1 of 164 of HumanEval" in str(result.description)
    assert RECIPE.name not in str(result.description)


def test_sentences_name_the_evaluation_record(made: tuple[LakeResources, dict[str, str]]) -> None:
    lake, planted = made
    read = guyot.open_lake(lake.store.root)
    for path, record in planted.items():
        (verdict,) = explain(lake, path, RECIPE.name).verdicts
        assert f" {record}, which is for evaluation" in verdict.sentence
        assert verdict.witness is not None
        assert read.explain(path, RECIPE.name) == {
            RECIPE.name: f"dropped by decontaminate: {verdict.sentence}"
        }


def test_without_contamination_scores_a_recipe_with_the_step_says_what_to_make(
    made: tuple[LakeResources, dict[str, str]], tmp_path: Path
) -> None:
    from support.lake import copy_of

    from guyot.errors import MissingError

    lake = copy_of(
        made[0], tmp_path / "lake", **json.loads(json.dumps(made[0].settings.select("contamination.files")))
    )
    (Path(lake.store.root) / "contamination_scores" / "all" / "current").unlink()
    with pytest.raises(MissingError, match="contamination_scores"):
        build_asset(lake, "pruned_mixtures", RECIPE.name)
