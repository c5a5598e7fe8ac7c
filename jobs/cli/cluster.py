"""The verbs of the Ray cluster that `engine` names."""

import functools

import click

from jobs.cli.options import format_option, lake_option, put, settings_given


@click.group()
def cluster() -> None:
    """The Ray cluster that GUYOT_ENGINE names."""


@cluster.command()
@click.option("--engine", metavar="ray://HOST:PORT", help="The cluster's head. [GUYOT_ENGINE]")
@format_option
@lake_option
def status(engine: str | None, form: str, lake: str | None) -> None:
    """Show each node: processors, memory, in which releases it differs, whether it reads the lake."""
    put(lake=lake, engine=engine)
    import pyarrow as pa

    from assets.graph.lake import LakeResources
    from guyot.errors import SettingError
    from jobs.cli import rows
    from resources.engines.chosen import engine_of
    from resources.engines.ray_cluster import RayEngine

    settings = settings_given()
    found = engine_of(settings)
    if not isinstance(found, RayEngine):
        raise SettingError(
            f"the nodes of a cluster were asked for, and engine={settings.engine!r}; set GUYOT_ENGINE to "
            "ray://host:port, the address of its head"
        )
    here = settings.changed(lake=LakeResources(settings).store.root)
    nodes = found.nodes(functools.partial(_reads, here.model_dump_json()))
    table = {
        "node": [one.address for one in nodes],
        "processors": [one.processors for one in nodes],
        "memory_gib": [round(one.memory_bytes / 2**30, 1) for one in nodes],
        "differs": [one.differs or "no" for one in nodes],
        "lake": [one.reads for one in nodes],
    }
    rows.write(pa.table(table), form)


def _reads(given: str) -> str:
    """Say what there is of the lake on the node where this runs."""
    import json

    from assets.graph.lake import LakeResources
    from resources.settings import Settings

    store = LakeResources(Settings(**json.loads(given))).store
    registry = store.current("shard_registry")
    return f"registry {registry.version}" if registry else f"no registry in {store.root}"
