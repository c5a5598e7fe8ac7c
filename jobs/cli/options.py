"""Arguments of the command line, on their way into the environment and from there into settings."""

import os
from typing import Any

import click

from guyot.errors import SettingError
from resources.setting_names import variable

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How the rows are printed.",
)
lake_option = click.option("--lake", metavar="DIR", help="The lake. [GUYOT_LAKE; ./lake of the checkout]")


def put(**settings: str | None) -> None:
    """Put arguments into the environment, where they outrank the launchpad."""
    os.environ.update({variable(name): v for name, v in settings.items() if v is not None})


def pairs_of(pairs: tuple[str, ...]) -> dict[str, str | None]:
    """Read NAME=VALUE arguments."""
    from resources.setting_names import check_names
    from resources.settings import Settings

    split: dict[str, str | None] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not value:
            raise SettingError(f"--set {pair!r} was given; write it as NAME=VALUE")
        split[name] = value
    check_names(split, Settings.names())
    return split


def settings_given() -> Any:
    """Read the settings from the environment."""
    from resources.settings import Settings

    return Settings.from_environment()
