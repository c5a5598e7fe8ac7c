"""A check of an asset, declared beside it: what it reads is declared too."""

import dataclasses
from collections.abc import Callable, Sequence

import dagster as dg

from assets.graph.documents import absent
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader


@dataclasses.dataclass(frozen=True, kw_only=True)
class LakeCheck:
    """A declared check. See `lake_check` for the fields."""

    name: str
    description: str
    asset: str
    run: Callable[[LakeResources, TableReader], dg.AssetCheckResult]
    reads: tuple[str, ...]
    blocking: bool

    def result(self, lake: LakeResources) -> dg.AssetCheckResult:
        """Look at the lake."""
        without = absent(lake)
        if self.asset in without:  # a job whose assets are chosen by hand has the checks of all documents
            documents = f"the lake's documents are {lake.settings.reading.documents}"
            return dg.AssetCheckResult(passed=True, description=f"nothing to look at: {documents}")
        tables = frozenset((self.asset, *self.reads))
        return self.run(lake, TableReader(lake.store, self.name, tables, without))


def lake_check(
    *, asset: str, reads: Sequence[str] = (), blocking: bool = False
) -> Callable[[Callable[[LakeResources, TableReader], dg.AssetCheckResult]], LakeCheck]:
    """Declare a check: the decorated function looks at the live versions and returns Dagster's result.

    Parameters
    ----------
    asset, blocking : as for `dagster.asset_check`
    reads : tables that it reads beside the asset's own
    """

    def declare(run: Callable[[LakeResources, TableReader], dg.AssetCheckResult]) -> LakeCheck:
        return LakeCheck(
            name=run.__name__, description=(run.__doc__ or "").strip(), asset=asset, run=run,
            reads=tuple(reads), blocking=blocking,
        )  # fmt: skip

    return declare
