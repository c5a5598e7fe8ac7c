"""Lines for a person: nothing in them is a command to the terminal, whoever wrote the names they hold."""

import click

from guyot.text.labels import lines


def say(text: str, *, err: bool = False) -> None:
    """Write lines; what cannot be shown is written as its escape.

    Parameters
    ----------
    err : beside the answer, which is left to programs
    """
    click.echo(lines(text), err=err)
