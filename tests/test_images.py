"""Images through the real graph: a folder with copies, hostile files, damaged ones, and every kind of source."""

import io
import json
import shutil
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import support.s3
from support.images import RECIPES, encoded, fuzzed, graph_image_lake, hostile, image_lake, picture
from support.lake import (
    build_asset,
    build_lake,
    catalogue_of,
    copy_of,
    guyot,
    lake_at,
    reader_of,
    scan,
    spec_of,
)

from assets.graph import discover, plan
from assets.graph.dagster_asset import to_dagster
from assets.graph.lake import LakeResources
from assets.graph.partitions import RECIPE_KEYS, SHARDS
from assets.prune.cutting.training_documents import live
from guyot.encoders.pixel_encoder import PixelEncoder
from guyot.errors import ArrayError, SettingError
from guyot.images.decode import decode
from guyot.prune import prune
from guyot.prune.bounds import Bounds
from guyot.recipe import Recipe
from guyot.vectors.exact import unit_float16
from jobs.cli.explain import explain
from jobs.spans import span_tags


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_image_lake(tmp_path_factory)


def rows(lake: LakeResources, table: str, file: str = "rows.parquet") -> list[dict]:
    manifests = [lake.store.required(table, shard) for shard in lake.shards()]
    return [row for one in manifests for row in lake.store.table(one, file).to_pylist()]


def mixture(lake: LakeResources, recipe: str) -> dict[str, dict]:
    """Return the rows of a mixture by the path of their document."""
    paths = {row["doc_id"]: row["source_path"] for row in rows(lake, "raw_shards")}
    found = lake.store.table(lake.store.required("pruned_mixtures", recipe)).to_pylist()
    return {paths[row["doc_id"]]: {**row, "witness": paths.get(row["witness"])} for row in found}


def test_every_asset_of_images_is_built_and_nothing_is_stale(lake: LakeResources) -> None:
    assert len(lake.shards()) > 2
    for asset in discover.assets().values():
        if asset.name != plan.REGISTRY:
            assert plan.stale(asset, lake, RECIPES) == [], asset.name
        keys = lake.store.partitions(asset.name)
        is_wanted = asset.is_wanted is None or asset.is_wanted(lake)
        assert bool(keys) == (asset.fits(lake) and is_wanted), asset.name


def test_documents_are_the_files_with_their_captions(lake: LakeResources) -> None:
    found = {row["source_path"]: row for row in rows(lake, "raw_shards")}
    assert len(found) == 54
    assert {row["kind"] for row in found.values()} == {"image"}
    assert found["folder1/0.png"]["content"] == "waves and patches, number 6"
    assert json.loads(found["folder1/0.png"]["meta"]) == {"number": 6}
    assert found["folder1/1.png"]["content"] == ""
    assert found["folder1/0.png"]["content_digest"] == found["folder1/0-copy.bmp"]["content_digest"]
    assert found["folder1/1.png"]["content_digest"] != found["folder1/1-copy.jpg"]["content_digest"]
    assert len({row["doc_id"] for row in found.values()}) == 54
    assert rows(lake, "raw_shards", "quarantine.parquet") == []


def test_vectors_and_bytes_are_of_the_images(lake: LakeResources) -> None:
    shard = lake.shards()[1]
    documents = lake.store.required("raw_shards", shard)
    images = lake.store.table(documents, "images.parquet")["image"].to_pylist()
    vectors = lake.store.vectors(lake.store.required("embeddings", shard))[:]
    expected = PixelEncoder().encode(decode(image, max_pixels=10**6).pixels for image in images)
    assert np.array_equal(unit_float16(expected), vectors)
    signals = lake.store.table(lake.store.required("quality_signals", shard))
    assert signals["bytes"].to_pylist() == [len(image) for image in images]
    assert min(signals["tokens"].to_pylist()) == 1  # of an image without a caption, the first mark alone


def test_exact_drops_copies_of_pixels_whatever_their_encoding(lake: LakeResources) -> None:
    dropped = {path: row for path, row in mixture(lake, "minhash").items() if row["step"] == "exact"}
    trained = {path for path, row in mixture(lake, "everything").items() if row["kept"]}
    pairs = {f"folder{n}/0.png": f"folder{n}/0-copy.bmp" for n in range(6)}
    both = {one: other for one, other in pairs.items() if {one, other} <= trained}
    assert len(both) > 2
    assert {frozenset((path, row["witness"])) for path, row in dropped.items()} == {
        frozenset(pair) for pair in both.items()
    }


def test_images_without_captions_are_no_copies_of_one_another_by_words(lake: LakeResources) -> None:
    found = mixture(lake, "minhash")
    without = {row["source_path"] for row in rows(lake, "raw_shards") if not row["content"]}
    assert len(without) > 10
    assert [path for path, row in found.items() if row["step"] == "minhash" and path in without] == []


def test_semdedup_drops_what_was_resized_or_encoded_anew(lake: LakeResources) -> None:
    dropped = {
        path: row for path, row in mixture(lake, "semdedup").items() if row["reason"] == "near_duplicate"
    }
    assert len(dropped) >= 4
    for path, row in dropped.items():
        assert path.split("-")[0].split(".")[0] == row["witness"].split("-")[0].split(".")[0], (path, row)


def test_signals_of_images_are_columns_for_recipes_and_of_texts_are_missing(
    lake: LakeResources, tmp_path: Path
) -> None:
    reader = discover.asset("pruned_mixtures").reader(lake)
    recipe = Recipe("wide", (Bounds("width", at_least=40),), None)
    documents = live(reader).documents(recipe)
    cut = prune(documents, recipe.steps, target_fraction=None, unit="documents")
    assert (~cut.kept).sum() == (documents.column("width") == 36).sum() > 2
    (tmp_path / "s").mkdir()
    for number in range(4):
        (tmp_path / "s" / f"{number}.txt").write_text(f"text {number} of some")
    texts = build_lake(lake_at(tmp_path / "lake", tmp_path / "s"), until="minhash_scores")
    documents = live(discover.asset("pruned_mixtures").reader(texts)).documents(recipe)
    with pytest.raises(ArrayError, match="step bounds needs the column 'width'"):
        prune(documents, recipe.steps, target_fraction=None, unit="documents")


def test_schedules_and_the_catalogue_have_them(lake: LakeResources) -> None:
    assert set(lake.store.partitions("epoch_schedules")) == set(RECIPES)
    with catalogue_of(lake).connect() as connection:
        asked = "SELECT count(*), min(octet_length(image)) > 0 FROM images JOIN image_signals USING (doc_id)"
        assert connection.sql(asked).fetchall() == [(54, True)]
        near = (
            "SELECT count(*) FROM image_signals a JOIN image_signals b ON a.doc_id < b.doc_id AND "
            "bit_count(xor(a.perceptual_hash, b.perceptual_hash)) < 8"
        )
        assert connection.sql(near).fetchall()[0][0] >= 15


def test_explain_names_the_images_path_and_its_witness(lake: LakeResources) -> None:
    found = mixture(lake, "semdedup")
    path, row = next((p, r) for p, r in found.items() if r["reason"] == "near_duplicate")
    said = guyot(lake, "explain", path, "--recipe", "semdedup")  # as it is printed
    assert row["witness"] in said
    assert "image" in said
    copy = next(p for p, r in mixture(lake, "minhash").items() if r["step"] == "exact")
    assert "it is a pixel for pixel copy of folder" in explain(lake, copy, "minhash").verdicts[0].sentence
    captioned = next(p for p in found if p.endswith("folder2/0.png"))
    assert explain(lake, captioned, None).document["content"] == "waves and patches, number 12"


def test_a_job_over_all_recipes_leaves_out_those_of_code_and_a_job_of_texts_does_nothing(
    lake: LakeResources, tmp_path: Path
) -> None:
    own = copy_of(lake, tmp_path / "lake", **image_settings(lake))
    names = RECIPE_KEYS.get_partition_keys()
    assert {"clean", "scip"} < set(names)
    done = executed(own, "pruned_mixtures", (names[0], names[-1]))
    assert done.success
    assert set(own.store.partitions("pruned_mixtures")) == set(names) - {"clean", "scip"}
    assert executed(own, "pruned_mixtures", ("scip", "scip")).success, "who asks for it gets it"
    assert own.store.current("pruned_mixtures", "scip") is not None
    nothing = executed(own, "duplicate_truth", None)
    (event,) = nothing.get_asset_materialization_events()
    assert event.materialization.metadata["made_by"].value == "nothing: the lake's documents are image"
    assert own.store.current("duplicate_truth") is None


def image_settings(lake: LakeResources) -> dict[str, Any]:
    return lake.settings.select(
        "encoder", "reading.documents", "reading.shard_bytes", "reading.held_out_fraction"
    )


def executed(lake: LakeResources, name: str, span: tuple[str, str] | None) -> dg.ExecuteInProcessResult:
    """Materialize an asset in Dagster, or a range of its partitions."""
    asset = to_dagster(discover.asset(name))
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(SHARDS.name), lake.shards())
        inputs = [dg.AssetSpec(key, partitions_def=discover.asset(key.to_user_string()).partitions_def)
                  for key in sorted(asset.dependency_keys)]  # fmt: skip
        return dg.materialize(
            [asset, *inputs], resources={"settings": lake.settings}, tags=span_tags(span), instance=instance
        )


def test_a_change_of_the_metadata_rebuilds_the_shards_of_its_images_alone(tmp_path: Path) -> None:
    lake = image_lake(tmp_path, 12, **{"reading.shard_bytes": 15_000})
    source = Path(lake.settings.source)
    (source / "folder1" / "metadata.jsonl").write_text('{"file_name": "3.png", "text": "one"}')
    scan(lake)
    build_asset(lake, "raw_shards", *lake.shards())
    before = {row["source_path"]: row for row in rows(lake, "raw_shards")}
    shards = {path: shard for shard in lake.shards() for path in paths_of(lake, shard)}
    assert shards["folder0/1.png"] != shards["folder1/3.png"]
    (source / "folder1" / "metadata.jsonl").write_text('{"file_name": "3.png", "text": "two"}')
    scan(lake)
    wanted = {shard for path, shard in shards.items() if path.startswith("folder1/")}
    assert set(plan.stale_shards(lake, ["raw_shards"])) == wanted
    assert wanted < set(lake.shards())
    build_asset(lake, "raw_shards", *lake.shards())
    after = {row["source_path"]: row for row in rows(lake, "raw_shards")}
    assert {path for path in after if after[path] != before[path]} == {"folder1/3.png"}
    assert after["folder1/3.png"]["content"] == "two"
    assert after["folder1/3.png"]["doc_id"] != before["folder1/3.png"]["doc_id"], "another caption"
    assert after["folder1/3.png"]["content_digest"] == before["folder1/3.png"]["content_digest"], (
        "equal pixels"
    )


def paths_of(lake: LakeResources, shard: str) -> set[str]:
    return {
        row["source_path"] for row in lake.store.table(lake.store.required("raw_shards", shard)).to_pylist()
    }


def test_hostile_and_damaged_images_of_every_source_are_documents_or_in_quarantine(tmp_path: Path) -> None:
    """The counts add up, each has its reason, and all else is as without them."""
    source = tmp_path / "source"
    (source / "made").mkdir(parents=True)
    (source / "fuzzed").mkdir()
    cases = hostile()
    for name, (content, _) in cases.items():
        (source / "made" / name).write_bytes(content)
    damaged = fuzzed(500)
    for number, content in enumerate(damaged[:200]):
        (source / "fuzzed" / f"{number:03d}.png").write_bytes(content)
    table = pa.table({"image": damaged[200:350], "caption": [f"damaged {n}" for n in range(150)]})
    pq.write_table(table, source / "damaged.parquet")
    with tarfile.open(source / "damaged.tar", "w") as tar:
        for number, content in enumerate(damaged[350:]):
            info = tarfile.TarInfo(f"{number:03d}.jpg")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    lake = lake_at(
        tmp_path / "lake", source, encoder="", reading__documents="image", reading__shard_bytes=300_000
    )
    build_lake(lake, until="embeddings")
    documents, rejected = rows(lake, "raw_shards"), rows(lake, "raw_shards", "quarantine.parquet")
    assert len(documents) + len(rejected) == 17 + 500
    assert sum(lake.store.required("raw_shards", s).facts["records"] for s in lake.shards()) == 517
    made = {row["source_path"]: row["reason"] for row in rejected if row["source_path"].startswith("made/")}
    made |= {row["source_path"]: "" for row in documents if row["source_path"].startswith("made/")}
    assert made == {f"made/{name}": reason for name, (_, reason) in cases.items()}
    by_source = Counter(row["source_path"].split("/")[0] for row in [*documents, *rejected])
    assert by_source == {"made": 17, "fuzzed": 200, "damaged.parquet": 150, "damaged.tar": 150}
    assert {row["reason"] for row in rejected} >= {
        "image_truncated",
        "image_not_decodable",
        "unsupported_image_format",
    }
    assert 50 < len(documents) < 450
    check = next(one for one in discover.checks() if one.name == "raw_shards_conserve_records")
    assert check.result(lake).passed
    again = lake_at(
        tmp_path / "again", source, encoder="", reading__documents="image", reading__shard_bytes=300_000
    )
    build_lake(again, until="raw_shards")
    assert rows(again, "raw_shards") == documents
    assert rows(again, "raw_shards", "quarantine.parquet") == rejected


def test_a_source_without_captions_or_of_one_image_makes_schedules_too(tmp_path: Path) -> None:
    for name, count in (("three", 3), ("one", 1)):
        source = tmp_path / name
        source.mkdir()
        for number in range(count):
            (source / f"{number}.png").write_bytes(encoded(picture(number)))
        lake = lake_at(tmp_path / f"{name}-lake", source, encoder="", reading__documents="image")
        build_lake(lake, until="epoch_schedules", recipes=["everything", "minhash"])
        assert lake.store.required("pruned_mixtures", "minhash").facts["n_kept"] >= 1
        assert lake.store.required("tokenizer").rows >= 256


def test_texts_and_images_are_never_mixed_up(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.png").write_bytes(encoded(picture(1)))
    (source / "b.txt").write_text("a text")
    (source / "c.jsonl").write_text('{"text": "another"}')
    texts = lake_at(tmp_path / "lake", source)
    build_lake(texts, until="embeddings")
    assert {row["source_path"] for row in rows(texts, "raw_shards")} == {"b.txt", "c.jsonl"}
    assert texts.store.required("shard_registry").facts["ignored"] == {".png": 1}
    images = lake_at(tmp_path / "lake", source, encoder="", reading__documents="image")
    scan(images)
    with pytest.raises(SettingError, match="duplicate_truth was asked for; it is of text documents"):
        spec_of(images, "duplicate_truth")
    build_lake(images, until="image_signals")
    assert {row["source_path"] for row in rows(images, "raw_shards")} == {"a.png"}
    assert rows(images, "image_signals")[0]["width"] == 48
    shutil.rmtree(tmp_path / "lake" / "raw_shards")
    wrong = lake_at(tmp_path / "other", source, reading__documents="image", encoder="hashing")
    build_lake(wrong, until="raw_shards")
    with pytest.raises(SettingError, match="encoder='hashing' encodes texts"):
        build_lake(wrong, until="embeddings")
    assert reader_of(wrong).current("embeddings", wrong.shards()[0]) is None


def test_a_metadata_file_changes_nothing_of_what_is_held_out(tmp_path: Path) -> None:
    splits: list[dict[str, str]] = []
    for has_metadata in (True, False):
        lake = image_lake(tmp_path / str(has_metadata), 12)
        if not has_metadata:
            (Path(lake.settings.source) / "metadata.jsonl").unlink()
        scan(lake)
        found = lake.store.table(lake.store.required("shard_registry")).to_pylist()
        splits.append({row["path"]: row["split_unit"] for row in found})
    assert splits[0].pop("metadata.jsonl") == ""
    assert splits[0] == splits[1]
    assert set(splits[1].values()) == {"train", "held_out"}


def test_a_folder_on_s3_gives_the_same_documents(bucket: str, tmp_path: Path) -> None:
    here = image_lake(tmp_path, 6)
    source = Path(here.settings.source)
    for path in (path for path in source.rglob("*") if path.is_file()):
        support.s3.put(f"{bucket}/images/{path.relative_to(source)}", path.read_bytes())
    there = lake_at(tmp_path / "there", f"{bucket}/images", **image_settings(here))
    for lake in (here, there):
        build_lake(lake, until="image_signals")
    assert rows(there, "raw_shards") == rows(here, "raw_shards")
    assert rows(there, "image_signals") == rows(here, "image_signals")
    assert len(rows(there, "raw_shards")) == 9
