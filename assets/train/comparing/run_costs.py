"""What the runs of a recipe paid for each held-out document, side by side."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assets.graph.partitions import split_run
from assets.graph.reader import TableReader
from assets.train.evaluations import DOCUMENTS, IMAGES, slices, splits
from guyot.train.paired_costs import PairedCosts, grouped
from resources.lake.manifest import Manifest

CLEAN_SLICE, KIND_SLICE = "clean", "kind {}"
_COLUMNS = ["doc_id", "kind", "held_out_group", "bytes", "scored_bytes", "nats"]


@dataclasses.dataclass(frozen=True)
class RunCosts:
    """The documents that all runs of a recipe were evaluated on, by doc_id.

    seeds : int64[s], ascending
    ids : n doc_ids, sorted
    kinds, groups : n names each
    sizes, scored_bytes : int64[n]
    nats : float64[s, n]
    stated_splits : n names, of images what their source says of their split; None of texts
    """

    seeds: NDArray[np.int64]
    ids: NDArray[np.str_]
    kinds: NDArray[np.str_]
    groups: NDArray[np.str_]
    sizes: NDArray[np.int64]
    scored_bytes: NDArray[np.int64]
    nats: NDArray[np.float64]
    stated_splits: tuple[str, ...] | None = None

    def of(self, rows: NDArray[np.int64]) -> PairedCosts:
        """Add the costs of some documents up by their group."""
        group = np.unique(self.groups[rows], return_inverse=True)[1]
        return grouped(self.seeds, self.nats[:, rows], self.scored_bytes[rows], group)

    def slices(self, contaminated: NDArray[np.bytes_] | None = None) -> dict[str, NDArray[np.int64]]:
        """Divide the documents by length, by contamination and by kind: rows by the name of the slice.

        Of images by the split that their source states, in place of their length.

        Parameters
        ----------
        contaminated : S32[m], doc_ids of documents with a copy in training; the slice `clean` is without
            them, and is not there where it would be empty. None: it is not known, and not there either
        """
        kinds = sorted(set(self.kinds.tolist()))
        of_kinds = {KIND_SLICE.format(kind): np.flatnonzero(self.kinds == kind) for kind in kinds}
        found = slices(self.sizes) if self.stated_splits is None else splits(self.stated_splits)
        if contaminated is not None and (clean := np.flatnonzero(~self.is_among(contaminated))).size:
            found[CLEAN_SLICE] = clean
        return {**found, **(of_kinds if len(kinds) > 1 else {})}

    def is_among(self, some: NDArray[np.bytes_]) -> NDArray[np.bool_]:
        """Say which of the documents are among some, by doc_id: bool[n]."""
        return np.isin(self.ids.astype("S32"), some)

    def shared_with(
        self, other: "RunCosts", rows: NDArray[np.int64]
    ) -> tuple[PairedCosts, PairedCosts] | None:
        """Add up those of some documents that another recipe's runs were scored on alike; None: of none."""
        _, one, two = np.intersect1d(self.ids[rows], other.ids, return_indices=True)
        one = rows[one]
        alike = self.scored_bytes[one] == other.scored_bytes[two]
        return (self.of(one[alike]), other.of(two[alike])) if alike.any() else None


def run_costs(reader: TableReader, of_runs: Sequence[Manifest]) -> RunCosts | None:
    """Read what the runs of a recipe paid for the documents that all of them were scored on alike.

    Parameters
    ----------
    of_runs : versions of evaluations, one for each seed

    Returns
    -------
    None where they have no document in common, such as runs before and after another split.
    """
    by_seed = sorted(of_runs, key=lambda manifest: split_run(manifest.key)[1])
    tables = [reader.table(m, DOCUMENTS.file, _COLUMNS).sort_by("doc_id") for m in by_seed]
    scored = [set(zip(*(t[c].to_pylist() for c in ("doc_id", "scored_bytes")), strict=True)) for t in tables]
    shared = {doc_id for doc_id, _ in set.intersection(*scored)}
    if not shared:
        return None
    kept = [t.filter([doc_id in shared for doc_id in t["doc_id"].to_pylist()]) for t in tables]
    ids, kinds, groups = (np.array(kept[0][name].to_pylist()) for name in _COLUMNS[:3])
    sizes, scored_bytes = (kept[0][name].to_numpy() for name in _COLUMNS[3:5])
    seeds = np.array([split_run(manifest.key)[1] for manifest in by_seed], np.int64)
    nats = np.stack([table["nats"].to_numpy() for table in kept])
    return RunCosts(
        seeds, ids, kinds, groups, sizes, scored_bytes, nats, _stated_splits(reader, by_seed[0], ids)
    )


def _stated_splits(
    reader: TableReader, evaluation: Manifest, ids: NDArray[np.str_]
) -> tuple[str, ...] | None:
    """Read what the source says of the split of some images; None of texts."""
    if IMAGES.file not in evaluation.files:
        return None
    rows = reader.table(evaluation, IMAGES.file, ["doc_id", "stated_split"]).to_pylist()
    stated = {row["doc_id"]: row["stated_split"] for row in rows}
    return tuple(stated[one] for one in ids.tolist())
