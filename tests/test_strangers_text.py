"""Names, keys and texts of strangers on a real terminal: shown, and no command to it, by whichever verb."""

import json
import re
from pathlib import Path

import pytest
from support.lake import GUYOT, environment, lake_at
from support.terminal import on_a_terminal

from assets.graph.lake import LakeResources

# a title, a cleared screen by 7 and 8 bits, a line that is written over, writing that turns around
COMMANDS = ("\x1b]0;owned\x07", "\x1b[2Jowned", "\x9b2Jowned", "\rowned", "\u202eowned", "\x08\x08owned")
ALL = " ".join(COMMANDS)
NAMES = [f"file{number}{command}.py" for number, command in enumerate((*COMMANDS, ALL))]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write files whose names, keys and texts are commands to a terminal, and some that cannot be read."""
    source = tmp_path_factory.mktemp("strangers") / "source"
    source.mkdir()
    for name, command in zip(NAMES, (*COMMANDS, ALL), strict=True):
        (source / name).write_text(f"# {command}\ndef f(x):\n    return x\n" * 4)
        (source / f"broken {name}").write_bytes(command.encode() + b"\xff\xfe")
        records = [{"id": f"{command}{i}", "text": f"{command} says {i}", command: command} for i in range(5)]
        lines = [json.dumps(record) for record in records]
        (source / f"{name}.jsonl").write_text("\n".join([*lines, f'{{"text": "{command}']))
    return source


@pytest.fixture(scope="module")
def lake(source: Path) -> LakeResources:
    """Return a lake of it, whose mixture a person at a terminal has watched."""
    lake = lake_at(source.parent / "lake", source)
    said = on_the_terminal(lake, "run", "--recipe", "semdedup", "--until", "catalogue")
    assert "quarantine" in said
    return lake


def on_the_terminal(lake: LakeResources, *arguments: str, code: int = 0) -> str:
    """Run a verb on a terminal: nothing of what strangers wrote is a command there. Return what was written."""
    found, written = on_a_terminal([GUYOT, *arguments], 400, environment(lake))
    assert found == code, written
    for command in COMMANDS:
        assert command not in written, (arguments, command)
    assert not re.search("[\x80-\x9f\u202e]", written)
    return written


@pytest.mark.long
@pytest.mark.in_ci
@pytest.mark.parametrize(("table", "column"), [
    ("raw_shards", "source_path"), ("raw_shards", "record_key"), ("raw_shards", "meta"),
    ("quarantine", "source_path"), ("shard_registry", "path"),
])  # fmt: skip
def test_rows_are_shown_without_their_commands(lake: LakeResources, table: str, column: str) -> None:
    assert "owned" in on_the_terminal(lake, "sql", f"SELECT {column} FROM {table}")


def test_a_column_and_a_query_of_strangers_are_shown_without_their_commands(lake: LakeResources) -> None:
    assert "owned" in on_the_terminal(lake, "sql", f'SELECT 1 AS "{ALL}"')
    assert "owned" in on_the_terminal(lake, "sql", f'SELECT "{ALL}" FROM raw_shards', code=1)


def test_documents_are_explained_listed_and_withdrawn_without_their_commands(lake: LakeResources) -> None:
    name = NAMES[-1]
    assert "owned" in on_the_terminal(lake, "explain", name)
    assert "owned" in on_the_terminal(lake, "explain", f"{name}.jsonl", code=1)  # which of its records?
    assert "owned" in on_the_terminal(lake, "explain", f"no {name}", code=1)
    assert "owned" in on_the_terminal(lake, "withdraw", name, "--reason", ALL)
    assert "owned" in on_the_terminal(lake, "withdraw", "--list")


def test_a_place_of_strangers_is_named_without_its_commands(lake: LakeResources) -> None:
    for verb in (
        ["run", "--source", f"/nowhere/{ALL}"],
        ["sql", "SELECT 1", "--lake", f"/nowhere/{ALL}"],
        ["run", "--recipe", ALL],
        ["run", "--set", f"{ALL}=1"],
        ["prune", f"/nowhere/{ALL}", "--recipe", "semdedup", "--output", "out.jsonl"],
    ):
        assert "owned" in on_the_terminal(lake, *verb, code=1)
