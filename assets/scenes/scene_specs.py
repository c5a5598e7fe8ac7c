"""Scene specs: which scenes there are, with every factor known."""

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.lake import only_when_asked
from assets.graph.partitions import SCENE_BLOCKS
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.scenes.blocks import documents
from resources.lake.writer import Writer
from resources.scenes.tables import SPEC_COLUMNS, spec_table

SPECS = TableSpec(
    "scene_specs",
    "a picture of a scene, with every factor",
    tuple(ColumnSpec(*column) for column in SPEC_COLUMNS),
    key_columns=(),
)


@lake_asset(
    group_name="scenes",
    partitions_def=SCENE_BLOCKS,
    tables=[SPECS],
    settings=["scenes.size", "scenes.seed"],
    is_wanted=only_when_asked,
    code_version="1",
)
def scene_specs(build: Build, writer: Writer) -> None:
    """One row is a picture to be rendered: its scene's factors, caption, split and known copies."""
    scenes = build.settings.scenes
    writer.table(spec_table(documents(build.key, scenes.size, scenes.seed)))
