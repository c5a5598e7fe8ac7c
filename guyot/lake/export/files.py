# pyright: standard, reportMissingTypeStubs=false
# (pyarrow has no types)
"""Documents divided into files of so many each."""

import itertools
import operator
from collections.abc import Iterator

import pyarrow as pa


def files(
    batches: Iterator[pa.RecordBatch], documents: int
) -> Iterator[tuple[int, Iterator[pa.RecordBatch]]]:
    """Yield (number of the file, its batches), so that each file but the last gets exactly so many documents.

    Parameters
    ----------
    documents : of a file, 1 or more

    Notes
    -----
    The batches of a file are to be read before the next file is asked for.

    Examples
    --------
    >>> several = pa.RecordBatch.from_pydict({"doc_id": list("abcde")})
    >>> [(number, [part.num_rows for part in own]) for number, own in files(iter([several]), 2)]
    [(0, [2]), (1, [2]), (2, [1])]
    """
    for number, parts in itertools.groupby(_parts(batches, documents), operator.itemgetter(0)):
        yield number, (part for _, part in parts)


def _parts(batches: Iterator[pa.RecordBatch], documents: int) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Cut batches at the borders of files: (number of the file, batch)."""
    begin = 0
    for batch in batches:
        first = 0
        while first < batch.num_rows:
            size = min(batch.num_rows - first, documents - begin % documents)
            yield begin // documents, batch.slice(first, size)
            first += size
            begin += size
