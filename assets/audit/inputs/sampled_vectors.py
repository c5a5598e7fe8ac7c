"""What the factor audit measures in vectors: of a sample, of known copies, of single differences."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.audit.inputs.factor_rows import Rows, interval_columns
from assets.audit.inputs.known_factors import KnownFactors, nearest_earlier, vectors_of
from assets.graph.reader import TableReader
from guyot.audit.factors.decodability import decodability
from guyot.audit.factors.factor import binned
from guyot.audit.factors.known_duplicates import copies_with_originals
from guyot.audit.factors.single_differences import single_differences
from guyot.vectors.exact import pair_cosines
from guyot.vectors.widening import float32_of
from resources.settings import Settings

MAX_PAIRS = 10_000  # of a factor, and of copies
OTHER = "nearest earlier document of another group"


@dataclasses.dataclass(frozen=True)
class SampledVectors:
    """The vectors that the audit looks at, and at which pairs of documents.

    sample : int64[s], rows of the documents that factors are read from
    copies, originals : int64[p], rows of known copies
    differing : of each factor int64[p, 2], rows of documents that differ in it alone
    rows : int64[m], all of these, sorted
    vectors : float16[m, d]
    """

    sample: NDArray[np.int64]
    copies: NDArray[np.int64]
    originals: NDArray[np.int64]
    differing: Sequence[NDArray[np.int64]]
    rows: NDArray[np.int64]
    vectors: NDArray[np.float16]

    @classmethod
    def of(
        cls, reader: TableReader, found: KnownFactors, sample: NDArray[np.int64], settings: Settings
    ) -> "SampledVectors":
        """Choose the pairs and read the vectors; nothing where no factor is known.

        Parameters
        ----------
        sample : int64[s], rows, sorted
        """
        none = np.zeros(0, np.int64)
        if not found.factors:
            return cls(none, none, none, (), none, np.zeros((0, 0), np.float16))
        of, original = copies_with_originals(found.group.level, found.is_original)
        of, original = of[:MAX_PAIRS], original[:MAX_PAIRS]
        plain = np.flatnonzero(found.is_original)
        pairs = single_differences(found.factors, plain, max_pairs=MAX_PAIRS, seed=settings.seed)
        rows = np.unique(np.concatenate([sample, of, original, *(pair.ravel() for pair in pairs)]))
        return cls(sample, of, original, pairs, rows, vectors_of(reader, found, rows))

    def distances(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the cosine distances of pairs of rows: float64[p]."""
        left, right = (self.vectors[np.searchsorted(self.rows, rows)] for rows in (one, other))
        return 1 - pair_cosines(left, right).astype(np.float64)

    def decodability_rows(self, found: KnownFactors, settings: Settings) -> Rows:
        """Read each factor from the sample's vectors; documents without a group are one each."""
        if not len(self.sample):
            return []
        group = found.group.level[self.sample].astype(np.int64)
        alone = group < 0
        group[alone] = len(found.group.levels) + np.arange(int(alone.sum()))
        read = decodability(
            float32_of(self.vectors[np.searchsorted(self.rows, self.sample)]),
            [factor.select(self.sample) for factor in found.factors],
            group, seed=settings.seed, draws=settings.audit.bootstrap_draws,
        )  # fmt: skip
        return [
            {"factor": one.name, "measure": one.measure, "documents": one.score.n, "levels": one.levels,
             **interval_columns(one.score, "score", ""), "chance": one.chance, "control": one.control}
            for one in read
        ]  # fmt: skip

    def copy_rows(self, reader: TableReader, found: KnownFactors) -> Rows:
        """Measure how far known copies are, by variant, and how far the nearest documents of others."""
        if not len(self.copies):
            return []
        distance, variant = self.distances(self.copies, self.originals), found.variant.level[self.copies]
        rows: Rows = []
        for number, name in enumerate((*found.variant.levels, "")):
            own = distance[variant == (number if number < len(found.variant.levels) else -1)]
            if len(own):
                rows.append({"variant": name, **_quantiles(own)})
        dropped, witness, nearest = nearest_earlier(reader, found.known)
        group = found.group.level
        apart = (group[dropped] >= 0) & (group[witness] >= 0) & (group[dropped] != group[witness])
        return [*rows, {"variant": OTHER, **_quantiles(nearest[apart])}] if apart.any() else rows

    def difference_rows(self, found: KnownFactors) -> Rows:
        """Measure how far documents are that differ in one factor, of all and at each level of the others."""
        rows: Rows = []
        levels = [binned(factor) for factor in found.factors]
        for factor, pairs in zip(found.factors, self.differing, strict=True):
            if not len(pairs):
                continue
            distance = self.distances(pairs[:, 0], pairs[:, 1])
            rows.append({"factor": factor.name, "by_factor": "", "level": "", **_quartiles(distance)})
            for other in levels:
                if other.name != factor.name:
                    at = other.level[pairs[:, 0]]
                    rows += [
                        {"factor": factor.name, "by_factor": other.name, "level": other.levels[level],
                         **_quartiles(distance[at == level])}
                        for level in np.unique(at[at >= 0]).tolist()
                    ]  # fmt: skip
        return rows


def _quantiles(distance: NDArray[np.float64]) -> dict[str, Any]:
    """Return the number of distances, and those that 5, 50 and 95% are within."""
    low, median, high = np.percentile(distance, (5, 50, 95)).tolist()
    return {"pairs": len(distance), "low": low, "median": median, "high": high}


def _quartiles(distance: NDArray[np.float64]) -> dict[str, Any]:
    """Return the number of distances and their quartiles."""
    low, median, high = np.percentile(distance, (25, 50, 75)).tolist()
    return {"pairs": len(distance), "lower_quartile": low, "median": median, "upper_quartile": high}
