"""100,000 small images from source to mixtures and schedules, with a cheap encoder: the time of every asset.

    python benchmarks/images.py [--images 100000] [--encoder pixels] [--lake DIR] [--emoji FILE]

The images are 1,911 emoji at several sizes and places on coloured grounds, PNGs of 64 x 64 pixels in Parquet
files with a caption each. A new lake is made of them by `guyot run --until epoch_schedules`, in a process of
its own. Printed are the seconds of each step by the event log, the seconds, core-seconds and peak memory of
the command, and of pairs that `semdedup` drops how many are of one emoji.

The emoji are those of the package emoji-datasource-google, which `npm pack` fetches into build/, or which a
file given as --emoji is.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring.child import Limits, run
from benchmarks.summaries import steps
from guyot.seeds import generator
from resources.setting_names import variable

PACKAGE = "emoji-datasource-google@16.0.0"
UNTIL = "epoch_schedules"
SIDE, SIZES, IMAGES_PER_FILE = 64, (28, 36, 44, 52, 60), 5_000
_LIMITS = Limits(memory_bytes=20 << 30, seconds=7_200)
_AGREES = """
    SELECT count(*) AS dropped, count(*) FILTER (
        json_extract_string(d.meta, '$.emoji') = json_extract_string(w.meta, '$.emoji')) AS same
    FROM pruned_mixtures m JOIN raw_shards d USING (doc_id) JOIN raw_shards w ON w.doc_id = m.witness
    WHERE m.recipe = 'semdedup'"""


def main() -> None:
    """Write the images, run the graph, and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--encoder", default="pixels")
    parser.add_argument("--lake", default="", help="where the lake is made and left; else it goes")
    parser.add_argument("--emoji", default="", help="the package, fetched before")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, lake = Path(folder) / "source", Path(given.lake or f"{folder}/lake").absolute()
        if lake.exists():
            parser.error(f"--lake {lake} is there; give a place where nothing is")
        size = write(source, given.images, Path(given.emoji) if given.emoji else fetched())
        print(f"{given.images:,} images, {size / 1e6:.0f} MB", flush=True)  # noqa: T201
        environment = {
            variable("lake"): str(lake), variable("source"): str(source), variable("encoder"): given.encoder,
            variable("reading.documents"): "image",
        }  # fmt: skip
        os.environ |= environment
        guyot = str(Path(sysconfig.get_path("scripts")) / "guyot")
        own = [f"{name}={value}" for name, value in environment.items()]
        took = run(["env", *own, guyot, "run", "--until", UNTIL], Path(folder) / "log", _LIMITS)
        if took.failure:
            sys.exit(f"{took.failure}\n{(Path(folder) / 'log').read_text()[-3000:]}")
        for name, seconds in steps(dict(os.environ)):
            print(f"{seconds:8.2f} s  {name}")  # noqa: T201
        peak = took.peak_bytes / 2**30
        print(f"{took.wall_seconds:8.2f} s, {took.core_seconds:.1f} core-seconds, {peak:.2f} GiB")  # noqa: T201
        print(f"other work beside: {took.others_cores:.2f} cores")  # noqa: T201
        told = subprocess.run(
            [guyot, "sql", _AGREES, "--format", "json"], check=True, capture_output=True, text=True
        ).stdout
        (found,) = json.loads(told)
        print(f"semdedup dropped {found['dropped']:,}, {found['same']:,} for one of the same emoji")  # noqa: T201


def fetched() -> Path:
    """Fetch the package, once."""
    folder = Path(__file__).resolve().parents[1] / "build" / "emoji"
    path = folder / f"{PACKAGE.replace('@', '-')}.tgz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL
        )
    return path


def write(source: Path, n_images: int, package: Path) -> int:
    """Write the images into Parquet files; return their bytes."""
    source.mkdir(parents=True)
    emoji = list(pictures(package))
    draw, size = generator(0, "emoji"), 0
    for begin in range(0, n_images, IMAGES_PER_FILE):
        numbers = range(begin, min(begin + IMAGES_PER_FILE, n_images))
        rows = [placed(*emoji[number % len(emoji)], draw) for number in numbers]
        size += sum(len(row["image"]) for row in rows)
        pq.write_table(pa.Table.from_pylist(rows), source / f"{begin:07}.parquet", compression="none")
    return size


def pictures(package: Path) -> Iterator[tuple[str, str, Image.Image]]:
    """Yield code, name and picture of each emoji."""
    with tarfile.open(package) as tar:
        names = json.load(_member(tar, "package/emoji.json"))
        for one in sorted(names, key=lambda one: one["unified"]):
            if one["has_img_google"]:
                file = _member(tar, f"package/img/google/64/{one['image']}")
                yield one["unified"], one["name"].lower(), Image.open(io.BytesIO(file.read())).convert("RGBA")


def _member(tar: tarfile.TarFile, name: str) -> Any:
    """Open a file of the package."""
    file = tar.extractfile(name)
    if file is None:
        raise SystemExit(f"{tar.name} has no {name}; give {PACKAGE}")
    return file


def placed(code: str, name: str, picture: Image.Image, draw: np.random.Generator) -> dict[str, Any]:
    """Put an emoji of some size at some place on some ground."""
    size = int(draw.choice(SIZES))
    left, top = (int(at) for at in draw.integers(0, SIDE - size + 1, 2))
    ground = tuple(int(value) for value in draw.integers(96, 256, 3))
    image = Image.new("RGB", (SIDE, SIDE), ground)
    small = picture.resize((size, size), Image.Resampling.BILINEAR)
    image.paste(small, (left, top), small)
    sink = io.BytesIO()
    image.save(sink, "PNG", compress_level=1)
    return {"image": sink.getvalue(), "text": name, "emoji": code, "size": size, "left": left, "top": top}


if __name__ == "__main__":
    main()
