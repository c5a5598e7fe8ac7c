"""Train: a model per recipe and seed, each on the mixture that its schedule pins."""

import dagster as dg

train = dg.define_asset_job(
    "train",
    selection=dg.AssetSelection.assets("training_runs", "evaluations"),
    description="Train and evaluate the recipes and seeds asked for.",
)
publish = dg.define_asset_job(
    "publish",
    selection=dg.AssetSelection.assets("leaderboard", "catalogue", "report"),
    description="Compare the runs, rebuild the catalogue and write the report.",
)
JOBS = [train, publish]
