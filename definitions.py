"""The deployment, as Dagster loads it. What an asset or a check is, its file says: assets/GROUP/NAME.py."""

import dagster as dg

from assets.graph import discover
from assets.graph.dagster_asset import to_dagster, to_dagster_check
from jobs import curate, ingest, train
from resources.settings import Settings

defs = dg.Definitions(
    assets=[to_dagster(asset) for asset in discover.assets().values()],
    asset_checks=[to_dagster_check(check) for check in discover.checks()],
    jobs=[*ingest.JOBS, *curate.JOBS, *train.JOBS],
    sensors=[ingest.ingest_changed_shards],
    schedules=[curate.curate_nightly],
    resources={"settings": Settings.configure_at_launch()},
    executor=dg.in_process_executor,  # a step works in threads; a process for each would only start slowly
)
