"""The factor audit of a lake of made pictures and of one of texts: counts, copies, pictures, and no failure."""

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from support.lake import build_asset, build_lake, copy_of, lake_at, reader_of

from assets.audit.factor_audit import factor_audit
from assets.audit.inputs.factor_rows import NEAREST
from assets.graph import plan
from assets.graph.lake import LakeResources

N = 28


def rows(lake: LakeResources, number: int = 0) -> list[dict[str, Any]]:
    return lake.store.table(lake.store.required("factor_audit"), factor_audit.tables[number].file).to_pylist()


def shown(lake: LakeResources) -> dict[str, Any]:
    show = factor_audit.shows
    assert show is not None
    return dict(show(reader_of(lake), lake.store.required("factor_audit")))


def test_levels_count_what_each_mixture_drops(factor_lake: LakeResources) -> None:
    assert (
        lake_says(factor_lake)
        == "2 factors of 28 training documents; missing is left out: no document has it"
    )
    meta = {row["doc_id"]: row["meta"] for s in factor_lake.shards() for row in raw(factor_lake, s)}
    for recipe in ("everything", "random", "semdedup"):
        mixture = factor_lake.store.table(factor_lake.store.required("pruned_mixtures", recipe)).to_pylist()
        dropped = [meta[row["doc_id"]] for row in mixture if not row["kept"]]
        for colour in ("blue", "red"):
            (row,) = [row for row in rows(factor_lake) if (row["recipe"], row["level"]) == (recipe, colour)]
            assert row["documents"] == N // 2
            assert row["removed"] == sum(f'"{colour}"' in text for text in dropped)
        turns = [r for r in rows(factor_lake) if (r["recipe"], r["factor"]) == (recipe, "turn")]
        assert len(turns) == 8
        assert sum(row["documents"] for row in turns) == N
        assert sum(row["removed"] for row in turns) == len(dropped)
    association = {(row["recipe"], row["factor"]): row for row in rows(factor_lake, 1)}
    assert association["everything", "colour"]["cramers_v"] is None
    assert association["semdedup", "colour"]["cramers_v"] is not None


def lake_says(lake: LakeResources) -> str:
    return lake.store.required("factor_audit").facts["said"]


def raw(lake: LakeResources, shard: str) -> list[dict[str, Any]]:
    return lake.store.table(lake.store.required("raw_shards", shard)).to_pylist()


def test_known_copies_are_found_and_agree_with_their_witness(factor_lake: LakeResources) -> None:
    agreement = {(row["recipe"], row["factor"]): row for row in rows(factor_lake, 2)}
    assert {recipe for recipe, _ in agreement} == {"semdedup"}, "random names no witness"
    found = agreement["semdedup", "duplicate_group"]
    assert (found["share"], found["chance"]) == (1.0, 1 / 27)
    assert agreement["semdedup", "colour"]["chance"] == 13 / 27
    duplicates = {(row["rule"], row["distance_limit"]): row for row in rows(factor_lake, 4)}
    sweep = [row for (rule, _), row in duplicates.items() if rule == NEAREST]
    assert {row["excess"] for row in sweep} == {N // 2}
    recall = [row["recall"] for row in sweep]
    assert recall == sorted(recall)
    assert recall[-1] == 1.0
    assert duplicates["semdedup", None]["precision"] == 1.0
    copies = {row["variant"]: row for row in rows(factor_lake, 5)}
    assert copies["jpeg"]["pairs"] == N // 2
    assert copies["jpeg"]["high"] < copies["nearest earlier document of another group"]["low"]


def test_vectors_tell_colours_and_distances_are_of_single_differences(factor_lake: LakeResources) -> None:
    read = {row["factor"]: row for row in rows(factor_lake, 3)}
    assert read["colour"]["score"] > 0.9
    assert read["colour"]["chance"] == 0.5
    found = rows(factor_lake, 6)
    assert {row["factor"] for row in found} == {"turn"}, "no two scenes differ in colour alone"
    by_colour = {row["level"]: row for row in found if row["by_factor"] == "colour"}
    assert {level: row["pairs"] for level, row in by_colour.items()} == {"blue": 21, "red": 21}


def test_the_pictures_are_drawn_anew(factor_lake: LakeResources) -> None:
    found = shown(factor_lake)
    assert {
        "said",
        "association",
        "removal",
        "agreement",
        "decodability",
        "differences",
        "duplicates",
        "pairs",
    } == set(found)
    drawn = {
        name: re.search(r"base64,([A-Za-z0-9+/=]+)", getattr(value, "value", ""))
        for name, value in found.items()
    }
    sheet = drawn.pop("pairs")
    assert all(drawn[name] for name in drawn if name != "said")
    assert sheet is not None
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(sheet[1]))))
    n_pairs = rows(factor_lake, 2)[0]["pairs"]
    assert pixels.shape == (108 * -(-n_pairs // 4), 204 * min(4, n_pairs), 3)


def test_the_same_settings_give_the_same_bytes(factor_lake: LakeResources, tmp_path: Path) -> None:
    before = factor_lake.store.required("factor_audit").files
    again = copy_of(
        factor_lake, tmp_path / "lake",
        **factor_lake.settings.select(
            "encoder", "reading.documents", "reading.held_out_fraction", "audit.factor_columns",
            "audit.bootstrap_draws",
        ),
    )  # fmt: skip
    assert plan.stale(factor_audit, again) == []
    (Path(again.store.root) / "factor_audit").rename(tmp_path / "gone")
    build_asset(again, "factor_audit")
    assert again.store.required("factor_audit").files == before


def test_texts_without_metadata_give_empty_tables_and_a_sentence(
    changed: Callable[..., LakeResources],
) -> None:
    lake = changed()
    assert plan.keys(factor_audit, lake) == [], "nobody named a factor"
    assert lake.store.current("factor_audit") is None
    build_asset(lake, "factor_audit")
    assert [rows(lake, number) for number in range(7)] == [[]] * 7
    assert lake_says(lake).startswith("the meta of ")
    assert lake_says(lake).endswith("training documents states no factor")
    assert shown(lake) == {"said": lake_says(lake)}


def test_labelled_texts_are_audited_too_and_hostile_labels_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    lines = [
        f'{{"text": "text {i} of {"some words " * (i % 3)}", "label": "<script>{i % 2}", "deep": [[{i}]]}}'
        for i in range(24)
    ]
    (tmp_path / "source" / "a.jsonl").write_text("\n".join(lines))
    lake = lake_at(
        tmp_path / "lake", tmp_path / "source", audit__factor_columns="auto", reading__held_out_fraction=0.0
    )
    build_lake(lake, until="factor_audit", recipes=["random", "semdedup"])
    assert lake_says(lake) == "1 factor of 24 training documents"
    assert {row["level"] for row in rows(lake)} == {"<script>0", "<script>1"}
    assert {row["documents"] for row in rows(lake)} == {12}
    assert rows(lake, 4) == rows(lake, 5) == []
    assert "pairs" not in shown(lake)
