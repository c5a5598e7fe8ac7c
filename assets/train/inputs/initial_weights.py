"""The weights that a run begins with: those of shared_init where there is a warm-up, else of its own seed."""

import json
from dataclasses import dataclass

from assets.graph.build import Build
from guyot.seeds import generator
from resources.lake.manifest import Manifest
from resources.setting_groups import IMAGE
from resources.settings import Settings

INIT = "shared_init"
WEIGHTS = "model.safetensors"
_SEEDS = 1 << 31


@dataclass(frozen=True)
class InitialWeights:
    """The weights of a version of shared_init, or nothing: the run draws its own."""

    weights: bytes | None = None
    version: str = ""


def warm_up_budget(settings: Settings) -> int:
    """Return how many tokens, of images how many images, all runs have read before they begin; 0: none."""
    training = settings.training
    return training.warmup_images if settings.reading.documents == IMAGE else training.warmup_tokens


def initial_weights(build: Build) -> InitialWeights:
    """Read the weights that a run is built from.

    Raises
    ------
    MissingError : shared_init was replaced since the build began.
    """
    if not warm_up_budget(build.settings):
        return InitialWeights()
    manifest = build.reader.required(INIT)
    build.require_unchanged(INIT, manifest.content)
    return InitialWeights(build.reader.checked(manifest, WEIGHTS), manifest.version)


def order_seed(schedule: Manifest, run_seed: int) -> int:
    """Return the seed of a run's order of documents, for runs that begin with the same weights.

    Without it they would be one and the same run: of their seeds nothing else is left.
    """
    return int(generator(schedule.facts["seed"], "order-of-run", run_seed).integers(_SEEDS))


def warm_up_of(config: str) -> str:
    """Return the version of shared_init in a run's config; empty where it drew its weights."""
    return str(json.loads(config).get("shared_init", ""))
