"""What identifies a text model: the bytes of the files that decide, and the way of reading."""

import dataclasses
import hashlib
import os
from pathlib import Path

from guyot.encoders.transformer_encoder import TextModel
from resources.models.text_model import DECIDING, id_of, sha256


def test_every_deciding_file_is_part_of_the_id_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    model = TextModel(tmp_path, "mean", 64, 4, 64, "cpu", "float32")
    found = [id_of(model)]
    for name in DECIDING:
        (tmp_path / name).write_text(name)
        found.append(id_of(model))
    assert len(set(found)) == len(DECIDING) + 1
    (tmp_path / "README.md").write_text("of no matter")
    assert id_of(model) == found[-1]
    for changed in ({"windows": 5}, {"pooling": "cls"}, {"max_tokens": 9}, {"precision": "bfloat16"}):
        assert id_of(dataclasses.replace(model, **changed)) != found[-1]
    assert id_of(dataclasses.replace(model, batch_windows=5)) == found[-1]


def test_a_file_that_changes_is_hashed_again(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.write_bytes(b"one")
    assert sha256(path) == hashlib.sha256(b"one").hexdigest()
    path.write_bytes(b"two")
    os.utime(path, ns=(1, 1))
    assert sha256(path) == hashlib.sha256(b"two").hexdigest()
