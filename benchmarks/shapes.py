"""Corpora of shapes that hurt, each from its source to all mixtures: seconds, core-seconds and peak memory.

    python benchmarks/shapes.py [--scale 1.0] [--only near_copies ...] [--encoder hashing]

Each shape is a source of its own and a new lake, made by `guyot run --until epoch_schedules` in a process of
its own; memory is that of it and all its children together. Printed are also the slowest three steps by the
event log. `--scale` makes the large ones smaller or larger: what grows faster than the corpus shows in two.
"""

import argparse
import dataclasses
import json
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring.child import Limits
from benchmarks.measuring.child import run as run_measured
from benchmarks.summaries import steps
from guyot.seeds import generator
from resources.setting_names import variable

WORDS = [f"{first}{last}" for first in ("ba", "do", "ke", "li", "mu", "no", "ra", "se", "ti", "vu")
         for last in ("ran", "mel", "sto", "vin", "cha", "dor", "ple", "gat", "nix", "hum")]  # fmt: skip
MEMORY_BYTES, SECONDS = 20 << 30, 3600.0


@dataclasses.dataclass(frozen=True)
class Shape:
    """A corpus that hurts.

    write : writes it, or makes it grow, given its folder, the scale and which of `runs` comes
    runs : how many times the lake is brought up to date
    """

    write: Callable[[Path, float, int], None]
    runs: int = 1


def texts(n_texts: int, n_words: int, seed: int = 0) -> list[str]:
    """Draw texts of some words."""
    drawn = generator(seed, "shapes").integers(0, len(WORDS), (n_texts, n_words))
    return [" ".join(WORDS[word] for word in row) for row in drawn.tolist()]


def write_records(folder: Path, found: Sequence[str], name: str = "records.jsonl") -> None:
    """Write texts as a file of records."""
    lines = (json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(found))
    with (folder / name).open("w") as file:
        file.writelines(lines)


def near_copies(folder: Path, scale: float, _: int) -> None:
    """Write 50,000 documents of which 30,000 are one text in which a word differs."""
    (text,) = texts(1, 60)
    words, draw = text.split(), generator(1, "shapes")
    copies: list[str] = []
    for number in range(int(30_000 * scale)):
        words_of = list(words)
        words_of[int(draw.integers(60))] = f"word{number}"
        copies.append(" ".join(words_of))
    write_records(folder, [*copies, *texts(int(20_000 * scale), 60, 2)])


def identical(folder: Path, scale: float, _: int) -> None:
    """Write 10,000 documents of one text among 10,000 others."""
    write_records(folder, [*(texts(1, 60) * int(10_000 * scale)), *texts(int(10_000 * scale), 60, 2)])


def one_token(folder: Path, scale: float, _: int) -> None:
    """Write 20,000 documents of one word each."""
    write_records(folder, texts(int(20_000 * scale), 1))


def one_large(folder: Path, scale: float, _: int) -> None:
    """Write a document of 15.9 MB among 1,000 small ones."""
    (text,) = texts(1, int(2_650_000 * scale))
    write_records(folder, texts(1000, 60, 2))
    (folder / "large.md").write_text(text[: int(15.9e6)])


def tiny_files(folder: Path, scale: float, _: int) -> None:
    """Write 20,000 files of 20 words, a hundred to a folder."""
    for number, text in enumerate(texts(int(20_000 * scale), 20)):
        place = folder / f"folder{number // 100:03d}"
        place.mkdir(exist_ok=True)
        (place / f"file{number:05d}.md").write_text(text)


def ten_runs(folder: Path, scale: float, run: int) -> None:
    """Add 300 files of 200 words, ten times."""
    for number, text in enumerate(texts(int(300 * scale), 200, 10 + run)):
        (folder / f"file{run}-{number:03d}.md").write_text(text)


def one_document(folder: Path, _scale: float, _: int) -> None:
    """Write one document."""
    (folder / "only.md").write_text(texts(1, 60)[0])


def two_equal(folder: Path, _scale: float, _: int) -> None:
    """Write a document twice."""
    for name in ("one.md", "two.md"):
        (folder / name).write_text(texts(1, 60)[0])


SHAPES = {
    "near_copies": Shape(near_copies), "identical": Shape(identical), "one_token": Shape(one_token),
    "one_large": Shape(one_large), "tiny_files": Shape(tiny_files), "ten_runs": Shape(ten_runs, runs=10),
    "one_document": Shape(one_document), "two_equal": Shape(two_equal),
}  # fmt: skip


def main() -> None:
    """Make each lake, and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--only", nargs="+", choices=list(SHAPES), default=list(SHAPES))
    parser.add_argument("--encoder", default="hashing")
    given = parser.parse_args()
    for name in given.only:
        with tempfile.TemporaryDirectory() as folder:
            measure(name, Path(folder), given.scale, given.encoder)


def measure(name: str, folder: Path, scale: float, encoder: str) -> None:
    """Make one lake, run by run, and print a line for each run."""
    shape, source = SHAPES[name], folder / "source"
    source.mkdir()
    command = [
        str(Path(sysconfig.get_path("scripts")) / "guyot"), "run", "--until", "epoch_schedules",
        "--source", str(source), "--lake", str(folder / "lake"), "--encoder", encoder,
    ]  # fmt: skip
    for number in range(shape.runs):
        shape.write(source, scale, number)
        done = run_measured(command, folder / "log", Limits(MEMORY_BYTES, SECONDS))
        print(  # noqa: T201
            f"{name}: {done.wall_seconds:.1f} s, {done.core_seconds:.1f} core-seconds, "
            f"{done.peak_bytes / 2**30:.2f} GiB{'; ' if done.failure else ''}{done.failure}"
        )
    took = sorted(steps({variable("lake"): str(folder / "lake")}), key=lambda step: -step[1])[:3]
    print("    " + ", ".join(f"{step} {seconds:.1f} s" for step, seconds in took), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
