"""The verb that reads a whole lake and compares it with its manifests, and sets aside what is damaged."""

import sys

import click

from jobs.cli.options import format_option, lake_option, put, settings_given

COLUMNS = ("asset", "partition", "version", "file", "problem", "repair")
DAMAGED_CODE = 1


@click.command()
@click.option("--repair", "is_repaired", is_flag=True, help="Set aside what is damaged, for `guyot run`.")
@format_option
@lake_option
def verify(is_repaired: bool, form: str, lake: str | None) -> None:
    """Read every file of every version and compare it with its manifest; list what is damaged.

    With --repair what is damaged is moved into .damaged of the lake, which nothing reads and nothing ever
    removes, so that `guyot run` makes it again. What no run can make again, such as withdrawals, stays where
    it is. Others may work in the lake meanwhile, and it can be stopped at any moment. The exit code is 1
    where something is damaged, with --repair where something still is.
    """
    put(lake=lake)
    import pyarrow as pa

    from assets.graph.lake import LakeResources
    from assets.graph.plan import CATALOGUE
    from assets.graph.repair import RUN, repair, repairs
    from assets.graph.verification import verify as verified
    from assets.publish.database import FILE, Catalogue
    from jobs.cli import output, rows
    from resources.lake import set_aside
    from resources.lake.manifest import WHOLE

    opened = LakeResources(settings_given())
    with output.shown():
        found = verified(opened)
    planned = repairs(opened, found)
    done = list(repair(opened, planned)) if is_repaired else planned
    damaged = [
        (one.table, one.key, one.version, one.file, one.problem, each.next)
        for each in done for one in each.damage
    ]  # fmt: skip
    if problem := Catalogue(opened.store).damage():
        damaged.append((CATALOGUE, WHOLE, "", FILE, problem, RUN))
        if is_repaired:
            set_aside.set_file_aside(opened.store.files, FILE)
    click.echo(
        f"{found.files:,} files of {len(found.whole):,} versions, {found.bytes:,} bytes in "
        f"{found.seconds:,.1f} s, {found.bytes / max(found.seconds, 1e-3):,.0f}/s: {len(damaged):,} damaged",
        err=True,
    )
    if damaged or form != "table":
        columns = {name: [row[at] for row in damaged] for at, name in enumerate(COLUMNS)}
        rows.write(pa.table(columns), form)
    output.set_aside(opened.store)
    is_left = any(each.is_left for each in done) if is_repaired else bool(damaged)
    sys.exit(DAMAGED_CODE if is_left else 0)
