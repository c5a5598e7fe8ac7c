"""The verb that takes documents back: what is withdrawn is in no mixture any more."""

import getpass

import click

from guyot.cli.said import say
from guyot.errors import SettingError
from jobs.cli.options import format_option, lake_option, put, settings_given


@click.command()
@click.argument("documents", nargs=-1, metavar="[DOC_ID|SOURCE[#KEY]|KEY]...")
@click.option("--reason", metavar="TEXT", help="Why; it is written down.")
@click.option("--by", metavar="NAME", help="Who says so.  [default: this machine's user]")
@click.option("--restore", "is_restored", is_flag=True, help="Undo their withdrawals.")
@click.option("--list", "is_listed", is_flag=True, help="List all withdrawals.")
@format_option
@lake_option
def withdraw(
    documents: tuple[str, ...],
    reason: str | None,
    by: str | None,
    is_restored: bool,
    is_listed: bool,
    form: str,
    lake: str | None,
) -> None:
    """Withdraw documents or whole source files, and list every training run that read them.

    A document is withdrawn by its text: copies of it in other files are too, those that come later as well.
    A source file is withdrawn with all texts that it has, and with all that it will have. A row is a stretch
    of adjacent steps of one epoch in which a run read a document.
    """
    if is_listed == bool(documents):
        raise SettingError(
            f"{len(documents)} documents and {'' if is_listed else 'no '}--list were given; name documents "
            "or source files, or give --list alone"
        )
    if documents and not is_restored and not (reason or "").strip():
        raise SettingError(
            f"a withdrawal of {len(documents)} documents was asked for without a reason; say with --reason "
            "TEXT why, for those who ask later"
        )
    put(lake=lake)
    from assets.graph.lake import LakeResources
    from jobs.cli import rows, withdrawal_tables

    opened, said = LakeResources(settings_given()), {"reason": reason or "", "by": by or getpass.getuser()}
    if is_listed:
        found = withdrawal_tables.listed(opened)
    elif is_restored:
        found = withdrawal_tables.restore(opened, documents, **said)
    else:
        found = withdrawal_tables.withdraw(opened, documents, **said)
    say(found.summary, err=True)
    rows.write(found.rows, form)
