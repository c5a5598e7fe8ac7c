"""The held-out documents that runs are evaluated on while they are trained: few, and the same for all."""

import dataclasses

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.graph.doc_ids import SortedIds, id_bits, ids_of
from assets.graph.reader import TableReader
from assets.graph.snapshot import snapshot_of
from assets.ingest.tokenizer import open_tokenizer
from assets.train.inputs.stored_tokens import stored_tokens
from guyot.prune.explanation import HELD_OUT
from guyot.seeds import uniforms_of_bits
from resources.lake.manifest import Manifest
from resources.settings import Settings

_ROWS_AT_ONCE = 65_536


@dataclasses.dataclass(frozen=True)
class CurveDocuments:
    """Held-out documents.

    ids : S32[n], sorted
    tokens : token ids of each one's beginning, <|bos|> first
    scored_bytes : of all these tokens
    """

    ids: NDArray[np.bytes_]
    tokens: list[NDArray[np.int32]]
    scored_bytes: int


def curve_documents(
    reader: TableReader,
    mixture: Manifest,
    tokenizer: Manifest,
    documents: tuple[NDArray[np.bytes_], NDArray[np.integer]],
    settings: Settings,
    seed: int,
) -> CurveDocuments:
    """Draw held-out documents of a mixture's snapshot at random, up to `training.curve_tokens`.

    Parameters
    ----------
    documents : (doc_ids, S32[n], token counts, int[n]) of the snapshot, in any order
    seed : of the draw, in which no recipe and no seed of a run has a part

    Returns
    -------
    At least one document, where one is held out that has a token to predict; else none.

    Notes
    -----
    At most a window of each, so that they are many and different. A document's place in the draw is a
    function of its doc_id and the seed.
    """
    held_out = held_out_ids(reader, mixture)
    ids, counts = documents
    rows = SortedIds.of(held_out).positions(ids)
    wanted = np.flatnonzero((rows >= 0) & (counts > 1))
    asked = settings.training.curve_tokens
    limit = min(settings.training.window_tokens, asked)
    uniform = uniforms_of_bits(seed, "learning-curve", id_bits(ids[wanted]))
    order = wanted[np.lexsort((ids[wanted], uniform))]
    read = np.cumsum(np.minimum(counts[order], limit))
    drawn = np.sort(ids[order[: np.searchsorted(read, asked, "right")]])
    tokens = [np.zeros(0, np.int32)] * len(drawn)
    for row, found in stored_tokens(reader, snapshot_of(mixture), tokenizer, drawn):
        tokens[row] = found[:limit].copy()
    token_bytes = open_tokenizer(reader, tokenizer.version).token_bytes
    return CurveDocuments(drawn, tokens, sum(int(token_bytes[part].sum()) for part in tokens))


def held_out_ids(reader: TableReader, mixture: Manifest) -> NDArray[np.bytes_]:
    """Return the held-out documents of a mixture's snapshot: S32[m], sorted."""
    found = [np.zeros(0, "S32")]
    for batch in reader.batches(mixture, ["doc_id", "step"], _ROWS_AT_ONCE):
        found.append(ids_of(batch["doc_id"].filter(pc.equal(batch["step"], HELD_OUT).fill_null(False))))
    return np.sort(np.concatenate(found))
