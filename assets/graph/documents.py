"""Which assets are of a lake's documents, that is of texts or of images."""

from assets.graph import discover
from assets.graph.lake import LakeResources


def absent(lake: LakeResources) -> frozenset[str]:
    """Name the assets that are not of a lake's documents: they are not built, and nothing of them is read."""
    return frozenset(name for name, asset in discover.assets().items() if not asset.fits(lake))
