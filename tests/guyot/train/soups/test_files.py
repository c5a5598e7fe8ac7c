"""Soups of anyone's safetensors files: every width of floats, what is refused, and nothing half written."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from guyot.errors import ArrayError, CorruptError, SettingError
from guyot.train.soups import WeightFile, lowest_cosine, soup_files, write_weights


def written(path: Path, **tensors: torch.Tensor) -> Path:
    save_file(tensors, path, {"format": "pt", "maker": "someone"})
    return path


def pair(folder: Path, dtype: torch.dtype, first: float, second: float) -> list[Path]:
    return [
        written(folder / f"{name}.safetensors", w=torch.full((2, 2), value, dtype=dtype), n=torch.tensor([4]))
        for name, value in (("a", first), ("b", second))
    ]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64])
def test_a_soup_has_the_dtype_of_its_ingredients_unless_asked(tmp_path: Path, dtype: torch.dtype) -> None:
    paths, out = pair(tmp_path, dtype, 1.0, 2.0), tmp_path / "soup.safetensors"
    soup_files(paths, out)
    found = load_file(out)
    assert found["w"].dtype == dtype
    assert found["w"].tolist() == [[1.5, 1.5]] * 2
    assert found["n"].tolist() == [4]
    soup_files(paths, out, "float32")
    assert load_file(out)["w"].dtype == torch.float32
    assert load_file(out)["n"].dtype == torch.int64


def test_narrow_floats_are_averaged_in_float32(tmp_path: Path) -> None:
    fine = 1 + 2**-7  # the next bfloat16 after 1: the middle is none
    out = tmp_path / "soup.safetensors"
    soup_files(pair(tmp_path, torch.bfloat16, 1.0, fine), out, "float32")
    assert load_file(out)["w"][0, 0].item() == 1 + 2**-8
    soup_files(pair(tmp_path, torch.float16, 60_000.0, 60_000.0), out)
    assert load_file(out)["w"][0, 0].item() == 60_000.0


def test_a_file_is_a_mapping_that_knows_its_shapes_unread(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.safetensors", w=torch.arange(6, dtype=torch.bfloat16).view(2, 3), n=torch.tensor(7)
    )
    file = WeightFile(path)
    assert (sorted(file), len(file), file.metadata["maker"]) == (["n", "w"], 2, "someone")
    assert file["w"].dtype == np.float32
    assert file["w"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert file.dtypes == {"w": "BF16", "n": "I64"}
    outline = file.outline
    assert outline["w"].shape == (2, 3)
    assert outline["w"].strides == (0, 0)
    assert outline["n"].tolist() == 7
    assert lowest_cosine([file, file]) == pytest.approx(1)
    with pytest.raises(KeyError):
        file["v"]


def test_what_went_in_is_written_beside(tmp_path: Path) -> None:
    out = tmp_path / "soup.safetensors"
    soup_files(pair(tmp_path, torch.float32, 1, 2), out)
    what = json.loads(WeightFile(out).metadata["soup"])
    assert what == {"method": "uniform", "ingredients": ["a.safetensors", "b.safetensors"]}


def test_what_cannot_be_averaged_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    one, other = pair(tmp_path, torch.float32, 1, 2)
    out = tmp_path / "soup.safetensors"
    wide = written(tmp_path / "wide.safetensors", w=torch.zeros(2, 3), n=torch.tensor([4]))
    counted = written(tmp_path / "counted.safetensors", w=torch.zeros(2, 2), n=torch.tensor([5]))
    tiny = written(tmp_path / "tiny.safetensors", w=torch.zeros(2, 2).to(torch.float8_e4m3fn))
    torn = tmp_path / "torn.safetensors"
    torn.write_bytes(one.read_bytes()[:40])
    for paths, error, says in (
        ([one, wide], ArrayError, r"1 of 2 tensors of wide.safetensors .* w \[2, 3\], not \[2, 2\]"),
        ([one, counted], ArrayError, "1 tensors of whole numbers differ between a.safetensors and counted"),
        (
            [one, tiny],
            SettingError,
            "1 of 1 tensors of tiny.safetensors are of a dtype that is not averaged .w is F8",
        ),
        ([one, torn], CorruptError, "torn.safetensors is no safetensors file"),
        ([one, tmp_path / "no.safetensors"], SettingError, "it is no file; give a .safetensors file"),
    ):
        with pytest.raises(error, match=says):
            soup_files(paths, out)
    with pytest.raises(SettingError, match="is one of the ingredients"):
        soup_files([one, other], other)
    with pytest.raises(SettingError, match="there is no folder"):
        soup_files([one, other], tmp_path / "no" / "soup.safetensors")
    with pytest.raises(SettingError, match="dtype 'int8' was asked for"):
        soup_files([one, other], out, "int8")
    assert not [path for path in tmp_path.iterdir() if "soup" in path.name]


def test_a_failure_leaves_the_file_of_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "soup.safetensors"
    write_weights(out, {"w": np.ones(2, np.float32)}, {"w": "F16"})
    before = out.read_bytes()

    def fails(*given, **named):
        Path(given[1]).write_bytes(b"half")
        raise OSError("no room")

    monkeypatch.setattr("safetensors.torch.save_file", fails)
    with pytest.raises(OSError, match="no room"):
        write_weights(out, {"w": np.zeros(2, np.float32)}, {"w": "F16"})
    assert out.read_bytes() == before
    assert list(tmp_path.iterdir()) == [out]
