"""What exists: a file per asset, named for it."""

import warnings

from dagster import BetaWarning

# backfill_policy is marked beta; single-run backfills rest on it, and the pin keeps it as it is
warnings.filterwarnings("ignore", category=BetaWarning)
