"""What a training leaves: numbers over time, an object of settings, files of weights; all else is refused."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from guyot.errors import SettingError
from jobs.cli.run_files import checkpoints_of, metrics_of, object_of


def test_numbers_are_read_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "metrics.jsonl"
    file.write_text(
        '{"step": 0, "loss": 2.5, "who": "x", "ok": true}\n\n{"step": 5.0, "lr": 1, "loss": NaN}\n'
    )
    found = metrics_of(file)
    assert [(row["step"], row["name"]) for row in found] == [(0, "loss"), (5, "lr"), (5, "loss")]
    assert [row["value"] for row in found[:2]] == [2.5, 1.0]
    assert np.isnan(found[2]["value"])
    assert metrics_of(None) == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2 of .* is no JSON"), ("[1]", "line 2 of .* has no step"),
        ('{"loss": 1}', "line 2 of .* has no step"), ('{"step": "1"}', "line 2 of .* has no step"),
        ('{"step": 1.5}', "has no step"), ('{"step": true}', "has no step"), ('{"step": null}', "has no step"),
    ],
)  # fmt: skip
def test_a_line_without_a_step_is_named(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 0}\n' + line)
    with pytest.raises(SettingError, match=message):
        metrics_of(tmp_path / "metrics.jsonl")


def test_settings_are_an_object(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"lr": 0.1}')
    (tmp_path / "b.json").write_text("[]")
    (tmp_path / "c.json").write_bytes(b"\xff")
    assert object_of(tmp_path / "a.json", "hyperparameters") == {"lr": 0.1}
    assert object_of(None, "hyperparameters") == {}
    with pytest.raises(SettingError, match="given as state, holds a list; it must be a JSON object"):
        object_of(tmp_path / "b.json", "state")
    with pytest.raises(SettingError, match="it cannot be read as text"):
        object_of(tmp_path / "c.json", "state")
    with pytest.raises(SettingError, match="it cannot be read as text"):
        object_of(tmp_path / "none.json", "state")


def test_weights_are_described_and_their_header_is_checked(tmp_path: Path) -> None:
    good, other = tmp_path / "model.safetensors", tmp_path / "model.pt"
    safetensors.numpy.save_file({"a": np.zeros(3, np.float32), "b": np.ones((2, 2))}, good)
    other.write_bytes(b"not looked into")
    described = checkpoints_of([good, other])
    assert json.loads(json.dumps(described)) == described
    assert [one["tensors"] for one in described] == [2, None]
    for path, one in zip((good, other), described, strict=True):
        assert one["digest"] == hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
        assert (one["path"], one["bytes"]) == (str(path), path.stat().st_size)
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(good.read_bytes()[:-4])
    with pytest.raises(SettingError, match="cut.safetensors was given; it is no whole safetensors file"):
        checkpoints_of([cut])
    with pytest.raises(SettingError, match="is a folder; name the files in it"):
        checkpoints_of([tmp_path])
    with pytest.raises(SettingError, match="none was given; it is not there"):
        checkpoints_of([tmp_path / "none"])
