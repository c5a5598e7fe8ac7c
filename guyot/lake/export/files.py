# pyright: standard, reportMissingTypeStubs=false
# (pyarrow has no types)
"""Documents divided into files of so many each."""

from collections.abc import Iterator

import pyarrow as pa


def parts(batches: Iterator[pa.RecordBatch], documents: int) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield (number of the file, batch), so that each file but the last gets exactly so many documents.

    Parameters
    ----------
    documents : of a file, 1 or more

    Examples
    --------
    >>> several = pa.RecordBatch.from_pydict({"doc_id": list("abcde")})
    >>> [(number, part.num_rows) for number, part in parts(iter([several]), 2)]
    [(0, 2), (1, 2), (2, 1)]
    """
    begin = 0
    for batch in batches:
        first = 0
        while first < batch.num_rows:
            size = min(batch.num_rows - first, documents - begin % documents)
            yield begin // documents, batch.slice(first, size)
            first += size
            begin += size
