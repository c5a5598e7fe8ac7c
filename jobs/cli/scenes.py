"""The verb that renders scenes of known factors into a folder, which is then a source of images."""

from pathlib import Path

import click

from guyot.cli.said import say
from guyot.scenes.blocks import BLOCKS, SETS


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--size", type=click.Choice(list(SETS)), default="default", show_default=True, help="How many.")
@click.option("--block", "blocks", multiple=True, type=click.Choice(BLOCKS), help="Only these blocks.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of what is drawn.")
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    help="That render; each takes one core and 300 MB.",
)
@click.option(
    "--scene-seconds",
    type=click.IntRange(min=1),
    default=60,
    show_default=True,
    help="A scene that takes longer is tried once more, then given up.",
)
def scenes(
    folder: Path, size: str, blocks: tuple[str, ...], seed: int, processes: int, scene_seconds: int
) -> None:
    """Render scenes of known factors into FOLDER: pictures, captions, and the truth about them.

    What is finished there is kept, so a rendering that was stopped or killed goes on with what is missing.
    The pictures are a source of images, FOLDER/rendered; FOLDER/specs.parquet has the factors of each.
    """
    from jobs.cli import output
    from resources.scenes.rendering import HowRendered
    from resources.scenes.scene_set import SceneSetFolder

    how = HowRendered(processes=processes, scene_seconds=scene_seconds)
    scene_set = SceneSetFolder(folder, size, seed, how)
    with output.shown():
        written = scene_set.write(list(dict.fromkeys(blocks)) or BLOCKS)
    told = ", ".join(f"{block} {n:,}" for block, n in written.items())
    say(f"{sum(written.values()):,} pictures written{f': {told}' if told else ''}")
    say(f"source: {scene_set.source}")
