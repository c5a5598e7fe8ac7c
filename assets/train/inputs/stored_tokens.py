"""The tokens of a snapshot's documents, which quality_signals wrote: no text is tokenized again."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.doc_ids import SortedIds, ids_of
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from assets.ingest.quality_signals import TOKEN_IDS
from guyot.errors import MissingError
from resources.lake.manifest import Manifest

_BATCH_DOCUMENTS = 512


def stored_tokens(
    reader: TableReader, snapshot: Snapshot, tokenizer: Manifest, wanted: NDArray[np.bytes_]
) -> Iterator[tuple[int, NDArray[np.int32]]]:
    """Yield (row in `wanted`, token ids) of each document that the snapshot has, shard by shard.

    Parameters
    ----------
    tokenizer : whose tokens they must be
    wanted : S32[n], sorted doc_ids

    Raises
    ------
    MissingError : a shard was tokenized by another tokenizer, or before tokens were kept.
    """
    known = SortedIds.of(wanted)
    for manifest in snapshot.manifests(reader, "quality_signals") if len(wanted) else []:
        _require_tokens_of(manifest, tokenizer)
        for batch in reader.batches(manifest, None, _BATCH_DOCUMENTS, TOKEN_IDS.file):
            rows = known.positions(ids_of(batch["doc_id"]))
            hit = np.flatnonzero(rows >= 0)
            lists = batch["ids"].take(pa.array(hit))
            ends, ids = lists.offsets.to_numpy(), lists.values.to_numpy()
            for row, begin, end in zip(rows[hit].tolist(), ends[:-1], ends[1:], strict=True):
                yield row, ids[begin:end]


def _require_tokens_of(signals: Manifest, tokenizer: Manifest) -> None:
    """Refuse a shard's tokens that are not there, or another tokenizer's."""
    found = signals.inputs["tokenizer"] if TOKEN_IDS.file in signals.files else "none"
    if found != tokenizer.content:
        raise MissingError(
            f"the tokens of {signals.key} by tokenizer {tokenizer.content} were asked for; version "
            f"{signals.version} of its quality_signals has those of {found}; materialize "
            "quality_signals and what follows it again"
        )
