"""Image signals: of each image's own pixels, in the shard's order, and columns for recipes."""

from pathlib import Path

import numpy as np
import pytest
from support.images import encoded, image_lake, picture
from support.lake import build_asset, build_lake, scan, spec_of

from guyot.images import decode
from guyot.images.perceptual_hash import differing_bits, perceptual_hash
from guyot.images.signals import image_signals


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
