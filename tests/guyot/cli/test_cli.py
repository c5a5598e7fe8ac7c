"""The command: its verbs, and errors as one line."""

from pathlib import Path

from click.testing import CliRunner

from guyot.cli import main
from jobs.cli.main import VERBS


def test_it_has_the_librarys_verb_and_in_a_checkout_the_graphs() -> None:
    assert set(main.commands) == {"export", "prune", "soup", *(verb.name for verb in VERBS)}
    assert {"run", "explain", "sql", "up", "gc"} <= set(main.commands)


def test_an_error_is_a_line(tmp_path: Path) -> None:
    arguments = ["prune", str(tmp_path / "no.jsonl"), "--recipe", "d4", "--output", str(tmp_path / "k.jsonl")]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1
    assert done.output.startswith("Error: input ")
    assert "it is no file; give one of .jsonl" in done.output
    assert "Traceback" not in done.output


def test_an_error_of_the_disk_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a"}')
    (tmp_path / "out.jsonl").mkdir()
    arguments = ["prune", str(tmp_path / "a.jsonl"), "--recipe", "everything", "--output"]
    done = CliRunner().invoke(main, [*arguments, str(tmp_path / "out.jsonl")])
    assert done.exit_code == 2  # click's own: a folder
    done = CliRunner().invoke(main, [*arguments, str(tmp_path / ("x" * 300 + ".jsonl"))])
    assert done.exit_code == 1
    assert "File name too long" in done.output
    assert "make room or give another place" in done.output


def test_its_version_is_the_packages() -> None:
    from importlib.metadata import version

    assert CliRunner().invoke(main, ["--version"]).output.strip().endswith(version("guyot"))
