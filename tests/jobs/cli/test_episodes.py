"""`guyot episodes FOLDER`: what it writes and says."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from support.agents import TINY

from guyot.cli import main


def test_the_command_trains_and_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in TINY.items():
        monkeypatch.setenv(f"GUYOT_{name.upper()}", str(value))
    folder = tmp_path / "set"
    said = CliRunner().invoke(main, ["episodes", str(folder), "--policy", "memoryless-0"])
    assert said.exit_code == 0, said.output
    assert "43 episodes written: train 18, held_out 25" in said.output
    assert f"source: {folder}/episodes" in said.output
    assert f"policy: {folder}/policy" in said.output
    assert pq.read_table(folder / "episodes").num_rows == 43
    again = CliRunner().invoke(main, ["episodes", str(folder), "--policy", "memoryless-0"])
    assert "0 episodes written\n" in again.output
    refused = CliRunner().invoke(main, ["episodes", str(folder), "--policy", "recurrent-0"])
    assert refused.exit_code == 1
    assert "Error: episodes were to be written to" in refused.output
