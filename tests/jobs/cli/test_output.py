"""What is printed besides rows: verdicts, progress and the summary, harmless to a terminal."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.lake import TRAINED, copy_of, graph_lake
from support.terminal import on_a_terminal

from assets.graph.lake import LakeResources
from assets.train.comparing.recipe_rows import RANKING
from jobs.cli import output
from jobs.cli.explain import Explanation, Verdict
from jobs.cli.exposures import Exposure, Visit
from resources.progress import WorkProgress, begun, note

HOSTILE = "\x1b[31mred\x1b[0m \x07bell \x9b2J \u202eback [bold]not markup[/bold] [/] \u2713"
DOCUMENT = {
    "doc_id": "d" * 32,
    "source_path": "a.py",
    "record_key": "",
    "kind": "python",
    "split": "train",
    "shard": "s",
    "content": "x = 1\ny = 2",
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


def cells(text: str) -> list[list[str]]:
    """Read a printed table back."""
    lines = [line for line in text.splitlines() if line[:1] in "┃│"]
    return [[cell.strip() for cell in re.split("[┃│]", line)[1:-1]] for line in lines]


def verdict(**changed: Any) -> Verdict:
    given = {
        "recipe": "semdedup", "version": "v1", "kept": False, "step": "semdedup", "reason": "near_duplicate", "score": 0.01,
        "threshold": 0.5, "witness": {**DOCUMENT, "source_path": "twin.py"}, "similarity": 0.99, "sentence": "its cosine is high", "seen": [],
    }  # fmt: skip
    return Verdict(**{**given, **changed})


def test_a_verdict_says_step_reason_numbers_and_witness(capsys: pytest.CaptureFixture[str]) -> None:
    output.explanation(Explanation(DOCUMENT, [verdict()], []))
    out = capsys.readouterr().out.splitlines()
    assert out[0] == f"document a.py: {'d' * 32}, python, train, s"
    assert out[1:3] == ["    | x = 1", "    | y = 2"]
    assert out[3] == (
        "semdedup (v1): dropped by semdedup, reason near_duplicate; score 0.01, threshold 0.5, similarity to the witness 0.99"
    )
    assert out[4] == "  why: its cosine is high"
    assert out[5].startswith("  witness twin.py: ")


def test_a_kept_document_says_which_runs_saw_it_when(capsys: pytest.CaptureFixture[str]) -> None:
    visits = tuple(Visit(0, step, step, 1) for step in (3, 5, 9))
    seen = [
        Exposure("run-1", "d4", 0, "m1", visits), Exposure("run-2", "d4", 0, "m2", ()),
        Exposure("run-3", "d4", 0, "m3", None),
    ]  # fmt: skip
    output.explanation(
        Explanation(
            {**DOCUMENT, "record_key": "r7"}, [verdict(kept=True, witness=None, score=None, seen=seen)], []
        )
    )
    out = capsys.readouterr().out
    assert "document a.py#r7: " in out
    assert "semdedup (v1): kept; threshold 0.5\n" in out
    assert "  run run-1:   seen at 3 steps, 3 to 9, mixture m1\n" in out
    assert "  run run-2:   seen at no step, mixture m2\n" in out
    assert "  run run-3:   read in an order of an older version, so at which steps is not known, mix" in out
    assert "witness" not in out


def test_hostile_contents_and_names_are_shown_harmlessly_and_briefly(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = {**DOCUMENT, "source_path": HOSTILE, "content": "\n".join([HOSTILE] * 50) + "x" * 9000}
    rejected = {
        "reason": "invalid_json",
        "byte_begin": 5,
        "byte_end": 9,
        "detail": HOSTILE,
        "source_path": HOSTILE,
    }
    output.explanation(Explanation(row, [verdict(witness=row)], [rejected]))
    out = capsys.readouterr().out
    assert not set(out) & set("\x1b\x07\x9b\u202e")
    assert "quarantined: invalid_json (bytes 5 to 9, " in out
    assert "[bold]not markup[/bold]" in out
    assert len(out.splitlines()) < 25


def test_a_rejected_file_has_no_bytes_to_tell(capsys: pytest.CaptureFixture[str]) -> None:
    rejected = {
        "reason": "nul_byte",
        "byte_begin": -1,
        "byte_end": -1,
        "detail": "at 1",
        "source_path": "a.txt",
    }
    output.explanation(Explanation(None, [], [rejected]))
    assert capsys.readouterr().out == "a.txt: quarantined: nul_byte (at 1)\n"


def test_the_summary_counts_and_lays_out_the_recipes_asked_for(
    lake: LakeResources, capsys: pytest.CaptureFixture[str]
) -> None:
    output.summary(lake, ["semdedup"], ["catalogue"])
    out = capsys.readouterr().out
    assert (
        f"58 records = 56 documents + 2 quarantined, in {len(lake.shards())} shards of {lake.store.root}\n"
        in out
    )
    assert "up to date" not in out
    rows = {row["recipe"]: row for row in lake.store.table(lake.store.required("leaderboard")).to_pylist()}
    shown = cells(out)
    assert [row[0] for row in shown] == ["recipe", "semdedup"]
    row = rows["semdedup"]
    assert shown[1][1:4] == [f"{row['documents']:,}", f"{row['tokens']:,}", f"{row['kept_fraction']:.1%}"]
    assert shown[1][4] == f"{row['bits_per_byte']:.3f} ({row['low']:.3f}-{row['high']:.3f})"
    output.summary(lake, list(TRAINED), [])
    out = capsys.readouterr().out
    assert [row[0] for row in cells(out)[1:]] == list(TRAINED)
    assert "Everything was up to date." in out


def test_the_summary_is_of_the_live_shards(
    lake: LakeResources, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = copy_of(lake, tmp_path / "lake")
    registry = copy.store.table(copy.store.required("shard_registry"))
    gone = copy.shards()[0]
    kept = registry.filter([shard != gone for shard in registry["shard"].to_pylist()])
    with copy.store.write("shard_registry", "all", inputs={"gone": ""}, settings={}, code="") as writer:
        writer.table(kept)
    documents = sum(copy.store.required("raw_shards", shard).rows for shard in copy.shards())
    output.summary(copy, [], ["x"])
    assert f" = {documents} documents + " in capsys.readouterr().out


def test_before_any_training_the_summary_lays_out_the_mixtures(
    lake: LakeResources, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = copy_of(lake, tmp_path / "lake")
    Path(copy.store.path("leaderboard", "all", "current")).unlink()
    output.summary(copy, ["d4", "exact"], ["x"])
    shown = cells(capsys.readouterr().out)
    assert [row[0] for row in shown] == ["recipe", "d4", "exact"]
    facts = copy.store.required("pruned_mixtures", "d4").facts
    assert shown[1][1:5] == [
        f"{facts['kept_units']:,}",
        f"{facts['total']:,}",
        "tokens",
        f"{facts['n_kept']:,}",
    ]


def test_progress_is_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with output.shown():
        with begun("raw_shards", 3, "partitions"), begun("catalogue", 1, "partitions"):
            WorkProgress("embeddings", 2, "documents").advance(2)
    err = capsys.readouterr().err
    assert "raw_shards (3 partitions)\ncatalogue\n" in err
    assert re.search(r"^  embeddings: 2/2 documents", err, re.MULTILINE)
    assert "\x1b" not in err
    WorkProgress("afterwards", 1, "documents").advance(1)
    assert "afterwards" not in capsys.readouterr().err


def test_on_a_terminal_a_very_long_name_loses_its_middle_and_a_pipe_gets_all_of_it() -> None:
    code = (
        "from jobs.cli import output\nfrom jobs.cli.explain import Explanation\n"
        f"document = {{**{DOCUMENT!r}, 'source_path': 'first/' + 'x' * 5000 + '/last.py'}}\n"
        "output.explanation(Explanation(document, [], []))"
    )
    status, written = on_a_terminal([sys.executable, "-c", code], 80)
    assert status == 0, written
    assert re.search(r"document first/x+….*x+/last\.py", written)
    assert "d" * 32 in written
    assert len(written) < 600
    whole = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert f"document first/{'x' * 5000}/last.py: " in whole


def test_what_is_cut_of_a_documents_text_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    for content, last in (("a\nb", "    | b"), ("\n".join("abcdefghij"), "    | h…"), ("x" * 401, "x…")):
        output.explanation(Explanation({**DOCUMENT, "content": content}, [], []))
        assert capsys.readouterr().out.splitlines()[-1].endswith(last)


def test_on_a_narrow_terminal_the_summary_loses_no_digit_and_no_letter() -> None:
    code = (
        "from jobs.cli import output, terminal\n"
        "row = dict(recipe='n' * 200, documents=12345, tokens=1234567, kept_fraction=0.5, bits_per_byte=2.5, "
        "low=2.125, high=3.25, bits_per_byte_short=None, bits_per_byte_short_low=None, "
        "bits_per_byte_short_high=None, bits_per_byte_long=2.5, bits_per_byte_long_low=2, "
        "bits_per_byte_long_high=3, difference=-0.0123, difference_low=-0.5, difference_high=0.25, "
        "verdict='no difference shown')\n"
        "terminal.out.print(output._board([row], 'text'))"
    )
    status, written = on_a_terminal([sys.executable, "-c", code], 80)
    assert status == 0, written
    assert "…" not in written
    body = written[written.index("┡") :]
    assert body.count("n") >= 200
    assert max(len(line) for line in body.splitlines()) <= 80


def test_the_board_of_images_is_in_bits_per_image_and_knows_no_length(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = {name: None for name in RANKING.names}
    row |= {"recipe": "random", "documents": 1234, "tokens": 1200, "kept_fraction": 0.5}
    row |= {"bits_per_byte": 1.5, "low": 1.25, "high": 1.75}
    output.terminal.out.print(output._board([row], "image"))
    said = capsys.readouterr().out
    assert "Bits per image on held-out images" in said
    head, line = cells(said)
    assert head == ["recipe", "documents", "trained on", "kept", "all", "more than random"]
    assert line == ["random", "1,234", "1,200", "50.0%", "1.500 (1.250-1.750)", ""]


def test_a_note_is_a_line_beside_the_progress(capfd: pytest.CaptureFixture[str]) -> None:
    with output.shown(), begun("work", 2, "things"):
        note("a node [died]")
    assert "  a node [died]\n" in capfd.readouterr().err
