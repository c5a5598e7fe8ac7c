"""Train: a model per recipe and seed, each on the mixture that its schedule pins."""

import dagster as dg

from assets.graph import discover, plan

_PUBLISHED = [a.name for a in discover.assets().values() if a.group_name in ("train", "publish")]

train = dg.define_asset_job(
    "train",
    selection=dg.AssetSelection.assets(*plan.per_run()),
    description="Train and evaluate the recipes and seeds asked for.",
)
publish = dg.define_asset_job(
    "publish",
    selection=dg.AssetSelection.assets(*(name for name in _PUBLISHED if name not in plan.per_run())),
    description="Compare the runs, rebuild the catalogue and write the report.",
)
JOBS = [train, publish]
