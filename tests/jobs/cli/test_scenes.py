"""`guyot scenes FOLDER`: what it writes, says and refuses."""

import os

import pyarrow.parquet as pq
from click.testing import CliRunner
from support.scenes import scripted_workers

from guyot.cli import main


def test_the_command_renders_with_progress_and_says_where(monkeypatch, tmp_path):
    scripted_workers(monkeypatch, tmp_path / "asked", {})
    folder = tmp_path / "set"
    said = CliRunner().invoke(main, ["scenes", str(folder), "--size", "small", "--block", "yaw"])
    assert said.exit_code == 0, said.output
    assert "16 pictures written: yaw 16" in said.output
    assert f"source: {folder}/rendered" in said.output
    assert pq.read_table(folder / "rendered" / "yaw.parquet").num_rows == 16
    again = CliRunner().invoke(main, ["scenes", str(folder), "--size", "small", "--block", "yaw"])
    assert "0 pictures written\n" in again.output


def test_a_failure_and_one_core_are_told_in_a_sentence(monkeypatch, tmp_path):
    scripted_workers(monkeypatch, tmp_path / "asked", {400: "hang hang " * 16})
    arguments = ["scenes", str(tmp_path / "set"), "--size", "small", "--block", "yaw", "--scene-seconds", "1"]
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    refused = CliRunner().invoke(main, arguments)
    assert refused.exit_code == 1
    assert "Error: scenes were to be rendered on 1 core" in refused.output
