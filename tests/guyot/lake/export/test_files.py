"""Files of so many documents each, however the batches were cut."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from guyot.lake.export.files import files


@given(st.lists(st.integers(0, 9), max_size=8), st.integers(1, 7))
def test_every_document_is_in_one_file_in_order(sizes: list[int], per_file: int) -> None:
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    batches = [
        pa.RecordBatch.from_pydict({"n": list(range(end - size, end))})
        for size, end in zip(sizes, ends, strict=True)
    ]
    found: dict[int, list[int]] = {}
    for number, own in files(iter(batches), per_file):
        assert number not in found
        found[number] = [value for part in own for value in part["n"].to_pylist()]
    total = sum(sizes)
    assert found == {
        at // per_file: list(range(at, min(at + per_file, total))) for at in range(0, total, per_file)
    }
