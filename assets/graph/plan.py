"""Finds what is missing or stale, asset by asset, from the manifests of the lake alone.

Everything that starts work uses this: `guyot run` and `guyot backfill`, the sensor and the schedule.
"""

from collections.abc import Callable, Iterator, Sequence

from assets.graph import discover
from assets.graph.asset import LakeAsset
from assets.graph.build_spec import BuildSpec
from assets.graph.documents import suits
from assets.graph.lake import LakeResources
from assets.graph.partitions import RECIPE_KEYS, RUNS, SHARDS, dagster_key
from guyot.errors import SettingError
from guyot.identity import fingerprint
from recipes import RECIPES, SEEDS, TRAINED
from resources.lake.manifest import WHOLE
from resources.storage.concurrent import concurrent

REGISTRY, CATALOGUE = "shard_registry", "catalogue"


def names() -> tuple[str, ...]:
    """List the assets in the order in which they are built."""
    return tuple(discover.assets())


def per_shard(lake: LakeResources | None = None) -> tuple[str, ...]:
    """List the assets with a partition per shard; of a lake those of its documents."""
    return _of(lambda asset: asset.is_per_shard and (lake is None or asset.fits(lake)))


def per_recipe() -> tuple[str, ...]:
    """List the assets of which one recipe's failure is none of another's."""
    return _of(lambda asset: asset.partitions_def in (RECIPE_KEYS, RUNS))


def fitted(lake: LakeResources | None = None) -> tuple[str, ...]:
    """List the assets that stay as shards come and go; of a lake those of its documents."""
    return _of(lambda asset: asset.is_fitted and (lake is None or asset.fits(lake)))


def per_run() -> tuple[str, ...]:
    """List the assets with a partition per recipe and seed."""
    return _of(lambda asset: asset.partitions_def is RUNS)


def curated(lake: LakeResources | None = None) -> tuple[str, ...]:
    """List what a snapshot makes: all that is neither of a shard, nor fitted, nor trained, nor published.

    Parameters
    ----------
    lake : without what is built only when it is asked for, by its settings; None: with it
    """
    left_out = {*per_shard(), *fitted(), REGISTRY}
    return _of(
        lambda asset: (
            asset.group_name in ("cluster", "prune", "audit")
            and asset.name not in left_out
            and (lake is None or asset.is_wanted is None or asset.is_wanted(lake))
        )
    )


def until(name: str | None) -> Iterator[LakeAsset]:
    """Yield the assets up to one of them and, so that the tables can be queried, the catalogue.

    The registry, which looks at the sources, is not among them.
    """
    order = [asset for asset in discover.assets().values() if asset.name != REGISTRY]
    last = len(order) if name is None else [REGISTRY, *(asset.name for asset in order)].index(name)
    yield from order[:last]
    yield from (asset for asset in order[last:] if asset.name == CATALOGUE)


def keys(asset: LakeAsset, lake: LakeResources, recipes: Sequence[str] | None = None) -> list[str]:
    """List an asset's partitions in the lake, of some recipes.

    None of an asset that is not wanted, or not of the lake's documents.

    Parameters
    ----------
    recipes : where none are given, all that suit the documents are cut and those of `recipes.TRAINED` are
        trained, with the first `training.seeds` of `recipes.SEEDS` each
    """
    if not is_wanted(asset, lake):
        return []
    if asset.partitions_def is SHARDS:
        return lake.shards()
    if asset.partitions_def in (RECIPE_KEYS, RUNS):
        names = default_recipes(asset, lake) if recipes is None else list(recipes)
        return (
            names
            if asset.partitions_def is RECIPE_KEYS
            else [f"{r}/{s}" for r in names for s in _seeds(lake)]
        )
    return [WHOLE]


def is_wanted(asset: LakeAsset, lake: LakeResources) -> bool:
    """Return whether an asset is built with all others; where it is not, only when it is asked for."""
    return asset.fits(lake) and (asset.is_wanted is None or asset.is_wanted(lake))


def default_recipes(asset: LakeAsset, lake: LakeResources) -> list[str]:
    """List the recipes that an asset is built for where none are named: what trains has some of them."""
    suited = [recipe.name for recipe in RECIPES if suits(recipe, lake)]
    return list(TRAINED) if asset.group_name == "train" else suited


def _seeds(lake: LakeResources) -> tuple[int, ...]:
    """Return the seeds that recipes are trained with.

    Raises
    ------
    SettingError : recipes.py has fewer.
    """
    wanted = lake.settings.training.seeds
    if wanted > len(SEEDS):
        raise SettingError(
            f"training.seeds={wanted} were asked for; recipes.py has {len(SEEDS)}; add to SEEDS there"
        )
    return SEEDS[:wanted]


def stale(asset: LakeAsset, lake: LakeResources, recipes: Sequence[str] | None = None) -> list[str | None]:
    """List the partitions that are missing or stale, as Dagster names them; None is the only one."""
    return [dagster_key(key) for key in stale_among(asset, lake, keys(asset, lake, recipes))]


def stale_among(asset: LakeAsset, lake: LakeResources, keys: Sequence[str]) -> list[str]:
    """List those of some partitions, by the lake's keys, that are missing or stale."""
    if not asset.fits(lake):
        return []
    return _stale_keys(asset, lake, asset.specs(lake, keys))


def _stale_keys(asset: LakeAsset, lake: LakeResources, specs: dict[str, BuildSpec]) -> list[str]:
    """List the partitions whose live version is not the one of their spec."""
    if asset.is_valid is not None and not asset.is_valid(lake):
        return list(specs)
    is_live = BuildSpec.is_fitted if asset.is_fitted else BuildSpec.is_live
    live = concurrent(lambda spec: is_live(spec, lake.store), specs.values())
    return [key for key, ready in zip(specs, live, strict=True) if not ready]


def unfitted(lake: LakeResources) -> list[str]:
    """List the fitted assets of which there is no version, or one of other settings."""
    found: list[str] = []
    for name in fitted(lake):
        asset, live = discover.asset(name), lake.store.origin(name)
        wanted = (asset.version_settings(lake), asset.code_version)
        if live is None or (live.settings, live.code) != wanted:
            found.append(name)
    return found


def stale_shards(lake: LakeResources, assets: Sequence[str] | None = None) -> list[str]:
    """List the live shards of which one of these assets, or one it is made from, is missing or stale."""
    lake = lake.remembered()
    chosen = [discover.asset(name) for name in _with_sources(assets or per_shard(lake))]
    waiting, stale_ones = lake.shards(), set[str]()
    for asset in chosen:
        # Each asset is checked only for shards whose earlier assets are live: else its spec is unknown.
        found = stale_among(asset, lake, waiting)
        stale_ones.update(found)
        waiting = [shard for shard in waiting if shard not in stale_ones]
    return sorted(stale_ones)


def shards_fingerprint(lake: LakeResources, shards: Sequence[str]) -> str:
    """Hash all that decides what the tables of some shards hold."""
    lake = lake.remembered()
    first, *others = (discover.asset(name) for name in per_shard(lake))
    specs = list(first.specs(lake, shards).values())
    live = [lake.store.origin(name) for name in fitted(lake)]
    settings = [(a.name, a.version_settings(lake, WHOLE), a.code_version) for a in others]
    made_from = [(spec.table, spec.key, spec.version) for spec in specs]
    return fingerprint([made_from, settings, [None if one is None else one.content for one in live]])


def _of(chosen: Callable[[LakeAsset], bool]) -> tuple[str, ...]:
    """List the assets of a kind, in order."""
    return tuple(asset.name for asset in discover.assets().values() if chosen(asset))


def _with_sources(assets: Sequence[str]) -> list[str]:
    """List assets of the shards, and those of the shards that they are made from, in order."""
    wanted, waiting = set(assets), list(assets)
    while waiting:
        new = set(discover.asset(waiting.pop()).deps) & set(per_shard()) - wanted
        wanted |= new
        waiting += new
    return [name for name in per_shard() if name in wanted]
