"""Image signals: of each image's own pixels, in the shard's order, and columns for recipes."""

from pathlib import Path

import numpy as np
import pytest
from support.image_models import write_tiny_clip, write_tiny_words
from support.images import encoded, image_lake, picture
from support.lake import build_asset, build_lake, lake_at, scan, spec_of

from assets.graph import discover
from assets.prune.cutting.training_documents import live
from guyot.encoders.caption_scorer import CaptionScorer
from guyot.encoders.image_encoder import ImageModel
from guyot.images import decode
from guyot.images.perceptual_hash import differing_bits, perceptual_hash
from guyot.images.signals import image_signals
from guyot.prune import prune
from guyot.prune.bounds import Bounds
from guyot.recipe import Recipe


def test_each_row_is_of_its_own_image(tmp_path: Path) -> None:
    lake = image_lake(tmp_path, 12)
    source = Path(lake.settings.source)
    frames = [decode._pillow().fromarray(picture(n)) for n in (20, 21)]
    (source / "moving.gif").write_bytes(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    scan(lake)
    build_asset(lake, "raw_shards", *lake.shards())
    build_asset(lake, "image_signals", *lake.shards())
    hashes: dict[str, int] = {}
    for shard in lake.shards():
        raw = lake.store.table(lake.store.required("raw_shards", shard)).to_pylist()
        found = lake.store.table(lake.store.required("image_signals", shard)).to_pylist()
        assert [row["doc_id"] for row in found] == [row["doc_id"] for row in raw]
        for row, document in zip(found, raw, strict=True):
            content = (source / document["source_path"]).read_bytes()
            image = decode.decode(content, max_pixels=10**6)
            assert row["bytes"] == len(content)
            assert row["caption_chars"] == len(document["content"])
            assert {name: row[name] for name in vars(image_signals(image.pixels))} == vars(
                image_signals(image.pixels)
            )
            assert row["perceptual_hash"] == perceptual_hash(image.pixels)
            assert (row["format"], row["mode"]) == (image.format, image.mode)
            assert row["n_frames"] == (2 if document["source_path"] == "moving.gif" else 1)
            hashes[document["source_path"]] = row["perceptual_hash"]
    assert differing_bits(hashes["folder1/2.png"], hashes["folder1/2-copy.webp"]) < 10
    assert differing_bits(hashes["folder1/2.png"], hashes["folder1/3.png"]) > 10
    assert hashes["folder1/0.png"] == hashes["folder1/0-copy.bmp"]


def test_another_decoder_makes_them_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = image_lake(tmp_path, 6)
    build_lake(lake, until="image_signals")
    (shard,) = lake.shards()
    assert spec_of(lake, "image_signals", shard).is_live(lake.store)
    monkeypatch.setattr(decode, "version", lambda: "another")
    assert not spec_of(lake, "image_signals", shard).is_live(lake.store)
    assert not spec_of(lake, "raw_shards", shard).is_live(lake.store)
    assert np.isfinite(
        lake.store.table(lake.store.required("image_signals", shard))["sharpness"].to_numpy()
    ).all()


def test_clip_scores_are_of_each_image_and_its_own_caption_and_filter_it(tmp_path: Path) -> None:
    model = write_tiny_words(write_tiny_clip(tmp_path / "clip"))
    lake = image_lake(tmp_path, 12, **{"encoding.caption_model": str(model), "clustering.n_clusters": 2})
    build_lake(lake, until="minhash_scores")
    scorer = CaptionScorer(ImageModel(model))
    n_scored = 0
    for shard in lake.shards():
        raw = lake.store.table(lake.store.required("raw_shards", shard)).to_pylist()
        found = lake.store.table(lake.store.required("image_signals", shard)).to_pylist()
        for row, document in zip(found, raw, strict=True):
            if not document["content"]:
                assert row["clip_score"] is None
                continue
            image = decode.decode(
                (tmp_path / "source" / document["source_path"]).read_bytes(), max_pixels=10**6
            )
            assert row["clip_score"] == scorer.scores([image.pixels], [document["content"]])[0]
            n_scored += 1
    assert n_scored > 5
    reader = discover.asset("pruned_mixtures").reader(lake)
    recipe = Recipe("scored", (Bounds("clip_score", at_least=0.0),), None)
    documents = live(reader).documents(recipe)
    scores = documents.column("clip_score")
    limit = float(np.nanmedian(scores))
    cut = prune(documents, (Bounds("clip_score", at_least=limit),), target_fraction=None, unit="documents")
    assert np.array_equal(cut.kept, np.isnan(scores) | (scores >= limit))
    assert 0 < (~cut.kept).sum() < len(scores)
    without = lake_at(tmp_path / "lake", tmp_path / "source", **{"encoder": "", "reading.documents": "image"})
    assert not spec_of(without, "image_signals", lake.shards()[0]).is_live(lake.store)
