"""Rendered scenes: the pictures of a block, as `guyot scenes` writes them into a folder."""

import base64
import dataclasses
from collections.abc import Mapping
from typing import Any

import dagster as dg
import numpy as np

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.lake import LakeResources, only_when_asked
from assets.graph.partitions import SCENE_BLOCKS
from assets.graph.reader import TableReader
from assets.graph.reads import same
from assets.graph.tables import ColumnSpec, TableSpec
from resources.lake.manifest import Manifest
from resources.lake.saved_batches import SavedBatches
from resources.lake.writer import Writer
from resources.scenes import renderer
from resources.scenes.contact_sheet import contact_sheet
from resources.scenes.rendering import HowRendered, render_documents
from resources.scenes.tables import RENDERED_COLUMNS, documents_of, rendered_table

_HOW = HowRendered()
RENDERED = TableSpec(
    "rendered_scenes",
    "a picture of a scene",
    tuple(
        ColumnSpec(*column, source="scene_specs.spec_hash" if column[0] == "id" else "")
        for column in RENDERED_COLUMNS
    ),
    key_columns=(),
)


def how_rendered(lake: LakeResources, key: str) -> dict[str, Any]:
    """Return what decides pixels and bytes beside the scenes: settings, renderer, encoder."""
    return _HOW.identity()


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Show some of the pictures."""
    images = reader.table(manifest, columns=["image"])["image"].to_pylist()
    drawn = base64.b64encode(contact_sheet([image["bytes"] for image in images])).decode()
    return {"pictures": dg.MetadataValue.md(f"![contact sheet](data:image/png;base64,{drawn})")}


@lake_asset(
    group_name="scenes",
    partitions_def=SCENE_BLOCKS,
    tables=[RENDERED],
    reads=[same("scene_specs")],
    settings_of=how_rendered,
    shows=show,
    is_wanted=only_when_asked,
    is_serial=True,
    is_resumable=True,
    code_version="2",
    kinds=["parquet"],
)
def rendered_scenes(build: Build, writer: Writer) -> None:
    """One row is a rendered picture: its file's bytes, caption, key and pixel digest."""
    pictures = documents_of(build.reader.table(build.input("scene_specs")))
    files = render_documents(pictures, _HOW, _SavedScenes.of(build.saved_batches), f"scenes {build.key}")
    writer.table(rendered_table(pictures, files, renderer.version()))


@dataclasses.dataclass(frozen=True)
class _SavedScenes:
    """The finished scenes of a build, kept in the lake as its saved batches."""

    batches: SavedBatches
    found: Mapping[int, list[str]]

    @classmethod
    def of(cls, batches: SavedBatches) -> "_SavedScenes":
        """Look what an earlier build has finished."""
        return cls(batches, batches.names())

    def read(self, key: str) -> bytes | None:
        """Return what was saved under a key, whole, or None."""
        block = self.batches.read(self.found.get(_number(key), []), None, np.uint8)
        return None if block is None else block.tobytes()

    def save(self, key: str, content: bytes) -> None:
        """Save what is under a key, atomically."""
        self.batches.save(_number(key), np.frombuffer(content, np.uint8))


def _number(key: str) -> int:
    """Return the number of a batch from 60 bits of its scene's key."""
    return int(key[:15], 16)
