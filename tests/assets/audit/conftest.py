"""A lake of made pictures whose factors are known."""

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.images import encoded, picture
from support.lake import build_lake, lake_at

from assets.graph.lake import LakeResources

RECIPES = ("everything", "random", "semdedup")
N_SCENES = 14


def documents() -> list[dict[str, Any]]:
    """Return scenes of two colours, and of each a copy as JPEG; turns are numbers of many values."""
    rows: list[dict[str, Any]] = []
    for scene in range(N_SCENES):
        pixels = picture(scene, 32, 28)
        pixels[:, :16] = (230, 30, 30) if scene % 2 else (30, 30, 230)
        known = {"colour": ("blue", "red")[scene % 2], "turn": 10.0 * scene, "duplicate_group": f"g{scene}"}
        caption = f"<b>scene</b> {scene}"
        rows.append({"image": encoded(pixels), "text": caption, **known, "variant": ""})
        rows.append(
            {"image": encoded(pixels, "JPEG", quality=90), "text": caption, **known, "variant": "jpeg"}
        )
    return rows


@pytest.fixture(scope="session")
def factor_lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    root = tmp_path_factory.mktemp("factors")
    (root / "source").mkdir()
    pq.write_table(pa.Table.from_pylist(documents()), root / "source" / "scenes.parquet")
    lake = lake_at(
        root / "lake", root / "source", encoder="", reading__documents="image", reading__held_out_fraction=0.0,
        audit__factor_columns="colour,turn,missing", audit__bootstrap_draws=20,
    )  # fmt: skip
    return build_lake(lake, until="factor_audit", recipes=RECIPES)
