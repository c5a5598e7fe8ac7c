"""The command `guyot`: what needs no graph, and in a checkout the verbs of the graph too."""

import errno
import os
import sys

import click

from guyot.cli.export import export_command
from guyot.cli.graph_verbs import graph_verbs
from guyot.cli.prune import prune_command
from guyot.cli.said import say
from guyot.cli.soup import soup_command
from guyot.errors import GuyotError
from guyot.text.labels import lines

_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
INTERRUPTED = 130  # the exit code of what Ctrl-C ended, as shells have it


class _Group(click.Group):
    """Shows Guyot's own errors as one line; anything else is a bug and keeps its traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a verb."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            say(str(interrupt) or "interrupted", err=True)
            sys.stdout.flush()
            os._exit(INTERRUPTED)  # a thread in the middle of its work would otherwise be waited for
        except click.UsageError as error:
            raise click.UsageError(lines(error.format_message()), error.ctx) from error
        except GuyotError as error:
            raise click.ClickException(lines(str(error))) from error
        except OSError as error:
            of_files = ctx.invoked_subcommand in (prune_command.name, soup_command.name)
            if not of_files and error.errno not in _UNWRITABLE:
                raise
            raise click.ClickException(f"{lines(str(error))}; make room or give another place") from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="guyot")
def main() -> None:
    """Prune training data, and say for every document why it stayed or went."""


main.add_command(prune_command)
main.add_command(export_command)
main.add_command(soup_command)
for verb in graph_verbs():
    main.add_command(verb)
