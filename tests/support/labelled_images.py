"""A lake of images that have a caption, a label and a split of their own, a few of them none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.images import encoded

from guyot.seeds import generator

COLOURS = ("red", "green", "blue")
N_IMAGES = 60


def write_labelled(source: Path) -> None:
    """Write coloured pictures: every tenth has no caption, number 7 no label, and those from 40 on are held out."""
    rows: list[dict[str, Any]] = []
    for number in range(N_IMAGES):
        draw = generator(0, "labelled", number)
        pixels = draw.integers(0, 60, (10, 12, 3), dtype=np.uint8)
        pixels[:, :, number % 3] += 120
        colour = COLOURS[number % 3]
        split = "train" if number < 40 else "validation" if number < 50 else "ood"
        rows.append(
            {
                "id": f"p{number:02d}",
                "image": encoded(pixels),
                "text": None if number % 10 == 9 else f"a {colour} picture of kind {number % 5}",
                "colour": None if number == 7 else colour,
                "split": split,
            }
        )
    source.mkdir(parents=True)
    for part in range(3):  # so that there are some shards
        table = pa.Table.from_pylist(rows[part::3])
        pq.write_table(table, source / f"part{part}.parquet")


def labelled_lake(root: Path, **settings: Any) -> Any:
    """Return a lake of such images; nothing is built yet."""
    from support.lake import lake_at

    if not (root / "source").exists():
        write_labelled(root / "source")
    given = {
        "encoder": "", "reading.documents": "image", "reading.split_column": "split",
        "reading.shard_bytes": 1000, "training.label_column": "colour", "training.image_objective": "label",
        "training.image_width": 8, "training.learning_rate": 0.01,
    }  # fmt: skip
    return lake_at(root / "lake", root / "source", **{**given, **settings})


def scheduled_lake(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a lake of labels up to its schedules, built once for a process of tests; only read it."""
    from support.lake import build_lake

    if not _BUILT:
        _BUILT.append(
            build_lake(labelled_lake(tmp_path_factory.mktemp("labelled")), "epoch_schedules", ["random"])
        )
    return _BUILT[0]


_BUILT: list[Any] = []
