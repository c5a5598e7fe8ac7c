"""metadata.jsonl: the nearest one describes an image, and lines that describe none are rejected."""

import dataclasses
import json

import pytest
from support.images import encoded, picture

from guyot.errors import CorruptError
from resources.settings import Settings
from resources.sources.image_folders import Described, ImageFolders
from resources.sources.readers import read
from resources.sources.registry import live_by_shard
from resources.sources.scan import Sources


def write(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))


def listed(root, **given):
    settings = Settings.of(source=str(root), lake=f"{root}-lake", reading__documents="image", **given)
    registry = Sources(settings=settings).scan(None, "now").registry
    entries = [entry for of in live_by_shard(registry).values() for entry in of]
    return settings, {entry.path: entry for entry in entries}, ImageFolders(entries)


@pytest.fixture
def root(tmp_path):
    source = tmp_path / "s"
    for number, path in enumerate(("top.png", "a/one.png", "a/two.png", "a/deep/three.png", "b/four.png")):
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_bytes(encoded(picture(number, 9, 9)))
    return source


def test_the_nearest_metadata_describes_an_image(root):
    write(
        root / "metadata.jsonl",
        {"file_name": "top.png", "text": "at the top", "n": 1},
        {"file_name": "b/four.png", "caption": "below"},
        {"file_name": "a/one.png", "text": "shadowed"},
    )
    write(
        root / "a" / "metadata.jsonl",
        {"file_name": "one.png"},
        {"file_name": "./deep/three.png", "text": "3"},
    )
    settings, entries, folders = listed(root)
    said = {
        path: folders.described(path, settings) for path, entry in entries.items() if entry.kind == "image"
    }
    assert said == {
        "top.png": Described("at the top", '{"n":1}'), "b/four.png": Described("below"),
        "a/one.png": Described(), "a/two.png": Described(), "a/deep/three.png": Described("3"),
    }  # fmt: skip
    (shadowed,) = read(entries["metadata.jsonl"], settings, folders)
    assert (shadowed.reason, shadowed.record_key) == ("missing_image", "2")
    assert shadowed.detail == "a/one.png is described by a/metadata.jsonl"
    assert list(read(entries["a/metadata.jsonl"], settings, folders)) == []
    (found,) = read(entries["top.png"], settings, folders)
    assert (found.content, found.meta, found.kind, found.record_key) == ("at the top", '{"n":1}', "image", "")


def test_lines_that_describe_no_image_are_rejected_and_lose_no_image(root):
    lines = [
        {"file_name": "gone.png"}, {"file_name": "../s/top.png"}, {"text": "no name"}, {"file_name": 7}, "[]",
        '{"file_name": "cut', {"file_name": "top.png", "text": 5}, {"file_name": "b/four.png", "text": "kept"},
        {"file_name": "b/four.png", "text": "again"}, {"file_name": "/etc/passwd"}, {"file_name": "metadata.jsonl"},
    ]  # fmt: skip
    write(root / "metadata.jsonl", *lines)
    settings, entries, folders = listed(root)
    found = list(read(entries["metadata.jsonl"], settings, folders))
    assert {one.record_key: one.reason for one in found} == {
        "0": "missing_image", "1": "missing_image", "2": "missing_image", "3": "missing_image",
        "4": "not_an_object", "5": "invalid_json", "6": "text_not_a_string", "8": "duplicate_id",
        "9": "missing_image", "10": "missing_image",
    }  # fmt: skip
    assert all(0 <= one.byte_begin < one.byte_end for one in found)
    assert folders.described("b/four.png", settings) == Described("kept")
    assert folders.described("top.png", settings) == Described(), "the image stays, without a caption"


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_metadata_is_one_reject(root, content):
    (root / "metadata.jsonl").write_bytes(content)
    settings, entries, folders = listed(root)
    (found,) = read(entries["metadata.jsonl"], settings, folders)
    assert found.reason == "empty_file"
    assert folders.described("top.png", settings) == Described()


def test_the_caption_is_of_the_named_column(root):
    write(root / "metadata.jsonl", {"file_name": "top.png", "text": "a", "alt": "b"})
    settings, _, folders = listed(root, reading__text_column="alt")
    assert folders.described("top.png", settings) == Described("b", '{"text":"a"}')
    assert folders.described("top.png", settings.changed(reading__text_column="")).caption == "a"


def stamps(root):
    _, entries, folders = listed(root)
    return {path: folders.stamp([entry]) for path, entry in entries.items()}


def test_a_change_of_the_metadata_changes_the_stamps_of_its_images_alone(root):
    write(root / "metadata.jsonl", {"file_name": "top.png", "text": "1"})
    write(root / "a" / "metadata.jsonl", {"file_name": "one.png", "text": "1"})
    before = stamps(root)
    write(root / "a" / "metadata.jsonl", {"file_name": "one.png", "text": "2"})
    changed = {path for path, stamp in stamps(root).items() if stamp != before[path]}
    assert changed == {
        "a/one.png",
        "a/two.png",
        "a/deep/three.png",
    }  # the file's own digest is the registry's
    (root / "a" / "metadata.jsonl").unlink()
    assert {path for path, stamp in stamps(root).items() if stamp != before[path]} == {
        *changed,
        "metadata.jsonl",
    }


def test_an_image_that_comes_or_goes_changes_the_stamp_of_the_metadata(root):
    write(root / "metadata.jsonl", {"file_name": "b/four.png"})
    before = stamps(root)
    (root / "b" / "four.png").unlink()
    after = stamps(root)
    assert {path for path in after if after[path] != before[path]} == {"metadata.jsonl"}
    assert ImageFolders([]).stamp([]) == ""


def test_a_metadata_that_changed_since_it_was_listed_is_refused(root):
    write(root / "metadata.jsonl", {"file_name": "top.png", "text": "1"})
    settings, entries, folders = listed(root)
    write(root / "metadata.jsonl", {"file_name": "top.png", "text": "something else"})
    for path in ("top.png", "metadata.jsonl"):
        with pytest.raises(CorruptError, match="metadata.jsonl was listed with"):
            list(read(entries[path], settings, folders))
    broken = dataclasses.replace(entries["metadata.jsonl"], problem="unreadable")
    assert ImageFolders([broken]).metadata_of("top.png") is None
