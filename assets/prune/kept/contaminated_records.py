"""Evaluation records with a copy among what a mixture keeps, and how near it is."""

import dataclasses

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.cluster.scoring import contamination_pairs
from assets.cluster.scoring.contamination_pairs import ContaminationPairs, compared_tables
from assets.graph.doc_ids import ids_of, positions
from assets.graph.reader import TableReader
from assets.graph.reads import named, one
from assets.graph.snapshot import snapshot_of
from guyot.errors import MissingError
from guyot.prune.decontaminate import NEAR_JACCARD
from guyot.split import HELD_OUT
from resources.lake.manifest import Manifest
from resources.sources.evaluation_files import HELD_OUT_SET

READS = (one("contamination_scores"), named("pruned_mixtures"))
COPIES = ("exact", "near", "overlapping", "reworded")  # from the nearest on
BY_WORDS = COPIES[:3]
OVERLAPPING, REWORDED_COSINE = 0.5, 0.95


@dataclasses.dataclass(frozen=True)
class ContaminatedRecords:
    """The records of one evaluation set that have a copy, each once, by record.

    pairs : the nearest copy of each
    copy : int8[m], numbers into COPIES
    """

    pairs: ContaminationPairs
    copy: NDArray[np.int8]


def kinds_of_copies(pairs: ContaminationPairs) -> NDArray[np.int8]:
    """Return how near each pair is: int8[p], numbers into COPIES; their count for no copy.

    Exact are the same n-grams, near a Jaccard similarity of 0.8, overlapping half of the record's n-grams,
    and reworded a cosine of 0.95 with fewer. Where the floors of the scores are higher, these count.
    """
    tests = [
        pairs.jaccard == 1,
        pairs.jaccard >= NEAR_JACCARD,
        pairs.overlap >= OVERLAPPING,
        pairs.cosine >= np.float32(REWORDED_COSINE),
    ]
    return np.select(tests, range(len(COPIES)), len(COPIES)).astype(np.int8)


def are_of(scores: Manifest, mixture: Manifest) -> bool:
    """Return whether contamination scores are of a mixture's snapshot."""
    compared: dict[str, dict[str, str]] = scores.facts["snapshot"]
    return compared == compared_tables(snapshot_of(mixture))


def scores_of(reader: TableReader, mixture: Manifest) -> Manifest:
    """Return the live contamination scores, which must be of a mixture's snapshot.

    Raises
    ------
    MissingError : they are of another.
    """
    scores = reader.required("contamination_scores")
    if not are_of(scores, mixture):
        raise MissingError(
            f"copies of evaluation records in mixture {mixture.key} {mixture.version} were asked for; live "
            f"contamination_scores {scores.version} are of another snapshot; materialize these and "
            "pruned_mixtures first"
        )
    return scores


def kept_pairs(reader: TableReader, mixture: Manifest) -> ContaminationPairs:
    """Read the pairs that are copies and whose document a mixture keeps; sets have the scores' numbers.

    Raises
    ------
    MissingError : the live scores are of another snapshot.
    """
    scores = scores_of(reader, mixture)
    pairs = contamination_pairs.read(reader, scores, scores.facts["sets"])
    pairs = pairs.select(kinds_of_copies(pairs) < len(COPIES))
    wanted, kept = np.unique(pairs.document), [np.zeros(0, "S32")]
    for batch in reader.batches(mixture, ["doc_id", "kept"], 65_536) if len(wanted) else ():
        ids = ids_of(batch["doc_id"].filter(batch["kept"]))
        kept.append(ids[positions(wanted, ids) >= 0])
    return pairs.select(positions(np.sort(np.concatenate(kept)), pairs.document) >= 0)


def contaminated_records(pairs: ContaminationPairs, evaluation_set: int) -> ContaminatedRecords:
    """Find the records of one evaluation set that have a copy, and the nearest copy of each.

    Parameters
    ----------
    pairs : of `kept_pairs`
    evaluation_set : its number
    """
    own = pairs.select(pairs.evaluation_set == evaluation_set)
    copy = kinds_of_copies(own)
    order = np.lexsort((own.document, -own.cosine, -own.jaccard, -own.overlap, copy, own.record))
    first = order[np.unique(own.record[order], return_index=True)[1]]
    return ContaminatedRecords(own.select(first), copy[first])


def contaminated_held_out(
    reader: TableReader, mixture: Manifest, copies: tuple[str, ...] = BY_WORDS
) -> NDArray[np.bytes_]:
    """Return the held-out documents that have a copy among what a mixture keeps: doc_ids, S32[m], sorted.

    Parameters
    ----------
    reader : one that reads `READS`
    mixture : a version of pruned_mixtures
    copies : which of COPIES count; by default those by words, since documents of one form can be near by
        their vectors and say different things

    Raises
    ------
    MissingError : the live contamination scores are of another snapshot.

    Notes
    -----
    Complete but for records that every one of their documents has 16 stronger records than, see
    `contamination_pairs.strongest`: text that very many documents share.
    """
    pairs = kept_pairs(reader, mixture)
    sets = scores_of(reader, mixture).facts["sets"]
    found = contaminated_records(pairs, sets.index(HELD_OUT_SET))
    counts = np.isin(found.copy, [COPIES.index(name) for name in copies])
    return np.sort(found.pairs.record[counts])


def n_records(reader: TableReader, mixture: Manifest, benchmarks: Manifest) -> dict[str, int]:
    """Count the records of each evaluation set, of a mixture's snapshot and of the benchmark files."""
    held_out = 0
    for manifest in snapshot_of(mixture).manifests(reader, "raw_shards"):
        splits = reader.table(manifest, columns=["split"])["split"]
        held_out += pc.sum(pc.equal(splits, HELD_OUT)).as_py() or 0
    counted = (
        reader.table(benchmarks, columns=["evaluation_set"])["evaluation_set"].value_counts().to_pylist()
    )
    return {HELD_OUT_SET: held_out, **{one["values"]: one["counts"] for one in counted}}
