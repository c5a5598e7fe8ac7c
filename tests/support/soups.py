"""A lake with several runs of a recipe, which begin with one common model."""

import pytest
from support.lake import build_asset, copy_of, graph_lake

import assets.train.model_soups as module
from assets.graph.lake import LakeResources

RECIPE = "semdedup"
SEEDS = (0, 1, 2)
RUNS = [f"{RECIPE}/{seed}" for seed in SEEDS]
WARM = {"training.warmup_tokens": 3000}


def soup_lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    """Copy the lake of all mixtures, and add the common model, runs and the soup of a recipe."""
    lake = copy_of(graph_lake(tmp_path_factory), tmp_path_factory.mktemp("soups") / "lake", **WARM)
    build_asset(lake, "shared_init")
    build_asset(lake, "training_runs", *RUNS)
    build_soups(lake)
    return lake


def build_soups(lake: LakeResources, seeds: tuple[int, ...] = SEEDS, recipe: str = RECIPE) -> None:
    """Build the soups of a recipe over other seeds than those of recipes.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SEEDS", seeds)
        build_asset(lake, "model_soups", recipe)
