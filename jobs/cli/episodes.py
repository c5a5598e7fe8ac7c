"""The verb that trains a blind agent and writes its episodes into a folder, which is then a source."""

from pathlib import Path

import click

from guyot.cli.said import say
from resources.navigation.named_policies import NAMES


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--policy", type=click.Choice(NAMES), default=NAMES[0], show_default=True, help="Which agent; its seed."
)
def episodes(folder: Path, policy: str) -> None:
    """Train a blind agent in mazes, and write what it did into FOLDER, an episode for each task.

    How long it learns, and how many tasks there are, say the settings GUYOT_NAVIGATION__... The agent is kept
    in FOLDER/policy; a training that was stopped or killed goes on. The episodes are a source of documents,
    FOLDER/episodes, for GUYOT_READING__DOCUMENTS=episode.
    """
    from jobs.cli import output
    from resources.navigation.episode_set import EpisodeSetFolder
    from resources.settings import Settings

    found = EpisodeSetFolder(folder, policy, Settings.from_environment().navigation)
    with output.shown():
        written = found.write()
    told = ", ".join(f"{split} {n:,}" for split, n in written.items())
    say(f"{sum(written.values()):,} episodes written{f': {told}' if told else ''}")
    say(f"source: {found.source}")
    say(f"policy: {found.policy}")
