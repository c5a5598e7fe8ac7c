"""Train: a model per recipe and seed, each on the mixture that its schedule pins."""

import dagster as dg

from assets.graph import discover, plan

_WARM_UP, _SOUPS = "shared_init", "model_soups"
_APART = {*plan.per_run(), _WARM_UP, _SOUPS}
_PUBLISHED = [
    asset.name for asset in discover.assets().values()
    if asset.group_name in ("train", "publish") and asset.name not in _APART
]  # fmt: skip

warm_up = dg.define_asset_job(
    "warm_up",
    selection=dg.AssetSelection.assets(_WARM_UP),
    description="Train the model that all runs begin with, where training.warmup_tokens asks for one.",
)
train = dg.define_asset_job(
    "train",
    selection=dg.AssetSelection.assets(*plan.per_run()),
    description="Train and evaluate the recipes and seeds asked for.",
)
soups = dg.define_asset_job(
    "soups",
    selection=dg.AssetSelection.assets(_SOUPS),
    description="Average the runs of the recipes asked for, over their seeds.",
)
publish = dg.define_asset_job(
    "publish",
    selection=dg.AssetSelection.assets(*_PUBLISHED),
    description="Compare the runs, rebuild the catalogue and write the report.",
)
JOBS = [warm_up, train, soups, publish]
