"""`guyot soup`: files of anyone's from the command line, and errors that say what to change."""

import subprocess
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file, save_file
from support.lake import GUYOT

from guyot.cli import main


def files(folder: Path, *vectors: list[float]) -> list[str]:
    paths = [str(folder / f"m{place}.safetensors") for place in range(len(vectors))]
    for path, vector in zip(paths, vectors, strict=True):
        save_file({"w": torch.tensor([vector], dtype=torch.bfloat16)}, path)
    return paths


def test_a_pair_of_external_files_is_souped_by_the_command(tmp_path: Path) -> None:
    out = tmp_path / "soup.safetensors"
    command = [GUYOT, "soup", *files(tmp_path, [1.0, 2.0], [3.0, 2.0]), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert load_file(out)["w"].tolist() == [[2.0, 2.0]]
    assert load_file(out)["w"].dtype == torch.bfloat16
    lines = done.stdout.splitlines()
    assert "m0.safetensors: 1 tensors, 2 values, BF16, share 0.5000" in lines[0]
    assert lines[2] == "lowest cosine of two ingredients' weights: 0.868"  # 7 / sqrt(5 * 13)
    assert lines[3].startswith(f"soup: {out}, ")
    assert done.stderr == ""


def test_models_that_share_nothing_are_souped_with_a_warning(tmp_path: Path) -> None:
    out = tmp_path / "soup.safetensors"
    done = CliRunner().invoke(main, ["soup", *files(tmp_path, [1.0, 0.0], [0.0, 1.0]), "--out", str(out)])
    assert done.exit_code == 0
    assert "warning: the weights of two ingredients have a cosine of 0.00" in done.stderr
    assert out.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["a.safetensors", "--out", "s.safetensors"], "1 ingredients were given, 1 of them different"),
        (["a.safetensors", "a.safetensors", "--out", "s.safetensors"], "2 ingredients were given, 1 of them"),
        (["a.safetensors", "d4/0", "--out", "s.safetensors"], "1 files and 1 runs were given"),
        (["a.safetensors", "b.safetensors", "--out", "s.bin"], "weights are written as .safetensors"),
        (["a.safetensors", "b.safetensors", "--out", "s.safetensors", "--method", "greedy"],
         "--method greedy was asked for of 2 files; it decides by held-out documents"),
        (["no.safetensors", "b.safetensors", "--out", "s.safetensors"], "it is no file"),
    ],
)  # fmt: skip
def test_what_cannot_be_souped_is_a_line(arguments: list[str], says: str) -> None:
    done = CliRunner().invoke(main, ["soup", *arguments])
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert says in done.output
