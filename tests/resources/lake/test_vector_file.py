"""Ranges of vectors in a file: mapped from a disk, asked for on S3, the same numbers."""

import io
import zlib

import numpy as np
import pytest
import support.s3
from support.corpus import some_units

from guyot.errors import CorruptError, UnreachableError
from resources.lake import vector_file
from resources.lake.vector_file import VectorLocation, crc32_of, mapped, ranged, require_crc32
from resources.storage.files import Files

OFFSET = 6
VECTORS = some_units(30, 5)


@pytest.fixture(params=["folder", "s3"])
def opened(request, tmp_path):
    """Return what opens vectors that lie behind a few other bytes."""
    content = b"x" * OFFSET + VECTORS.tobytes()
    if request.param == "folder":
        (tmp_path / "v").write_bytes(content)
        return lambda shape: mapped(str(tmp_path / "v"), shape, OFFSET)
    location = support.s3.put(f"{request.getfixturevalue('bucket')}/v", content)
    return lambda shape: ranged(location, shape, OFFSET)


def test_all_rows_and_the_size_of_the_file(opened):
    found = opened(VECTORS.shape)
    assert found.file_bytes == OFFSET + VECTORS.nbytes
    assert (len(found.rows), tuple(found.rows.shape)) == (30, (30, 5))
    assert np.array_equal(np.asarray(found.rows), VECTORS)
    assert np.asarray(found.rows, np.float64).dtype == np.float64


@pytest.mark.parametrize("rows", [slice(None), slice(3, 9), slice(29, 30), slice(-4, None), slice(9, 3), slice(20, 99),
                                  slice(2, 20, 3), slice(None, None, -1), slice(20, 2, -3)])  # fmt: skip
def test_any_slice_is_that_of_the_array(opened, rows):
    found = opened(VECTORS.shape).rows[rows]
    assert found.dtype == np.float16
    assert np.array_equal(found, VECTORS[rows])


def test_a_slice_is_one_request_for_its_bytes_alone(bucket, monkeypatch):
    location = support.s3.put(f"{bucket}/v", b"x" * OFFSET + VECTORS.tobytes())
    rows, asked = ranged(location, VECTORS.shape, OFFSET).rows, []
    before = Files.read_range
    monkeypatch.setattr(
        Files, "read_range", lambda self, *given: (asked.append(given[1:]), before(self, *given))[1]
    )
    assert np.array_equal(rows[4:6], VECTORS[4:6])
    assert rows[7:7].shape == (0, 5)
    assert asked == [(OFFSET + 4 * 10, 20)]


@pytest.mark.parametrize("rows", [3, [1, 2], VECTORS[:, 0] > 0, (slice(3), 1)])
def test_only_slices_are_asked_of_s3(bucket, rows):
    found = ranged(support.s3.put(f"{bucket}/v", VECTORS.tobytes()), VECTORS.shape, 0).rows
    with pytest.raises((AttributeError, TypeError)):
        found[rows]


def test_a_file_on_s3_that_is_replaced_or_gone_gives_no_rows(bucket):
    location = support.s3.put(f"{bucket}/v", VECTORS.tobytes())
    found = ranged(location, VECTORS.shape, 0)
    assert found.file_bytes == VECTORS.nbytes
    support.s3.put(location, VECTORS.tobytes()[:-1])
    assert np.array_equal(found.rows[:4], VECTORS[:4])
    with pytest.raises(UnreachableError, match=f"{location} gave 9 of 10 bytes from byte 290"):
        found.rows[29:]
    support.s3.put(location, b"")
    with pytest.raises(UnreachableError, match="gave 0 of 300 bytes"):
        np.asarray(found.rows)


def test_mapped_rows_cannot_be_changed_and_stay_when_the_name_is_gone(tmp_path):
    (tmp_path / "v").write_bytes(VECTORS.tobytes())
    found = mapped(str(tmp_path / "v"), VECTORS.shape, 0).rows
    (tmp_path / "v").unlink()
    assert np.array_equal(found[3:9], VECTORS[3:9])
    with pytest.raises(ValueError, match="read-only"):
        found[0, 0] = 1


def test_no_rows_are_no_file(tmp_path):
    for found in (mapped(str(tmp_path / "none"), (0, 5), 0), ranged("s3://no/where", (0, 5), 0)):
        assert found.file_bytes is None
        assert tuple(found.rows.shape) == (0, 5)


def test_a_file_that_is_cut_gives_no_rows_but_its_size(tmp_path):
    (tmp_path / "v").write_bytes((b"x" * OFFSET + VECTORS.tobytes())[:-1])
    found = mapped(str(tmp_path / "v"), VECTORS.shape, OFFSET)
    assert (len(found.rows), found.file_bytes) == (0, OFFSET + VECTORS.nbytes - 1)


def test_a_checksum_goes_on_over_blocks_and_is_required_where_it_is_known() -> None:
    vectors = some_units(9, 4)
    assert crc32_of(vectors[4:], crc32_of(vectors[:4])) == crc32_of(vectors) == zlib.crc32(vectors.tobytes())
    assert crc32_of(vectors[:, ::2]) == zlib.crc32(vectors[:, ::2].tobytes())
    assert crc32_of(vectors[:0]) == 0
    require_crc32("here", 5, 5)
    require_crc32("here", 5, None)
    with pytest.raises(CorruptError, match="vectors of here are not those that were written"):
        require_crc32("here", 5, 0)


@pytest.fixture
def located(tmp_path):
    """Return where vectors lie in a local file."""
    (tmp_path / "v").write_bytes(b"x" * OFFSET + VECTORS.tobytes())
    return VectorLocation(str(tmp_path / "v"), VECTORS.shape, OFFSET)


@pytest.mark.parametrize(("begin", "end"), [(0, 30), (3, 9), (29, 30), (20, 99), (9, 9), (9, 3)])
def test_a_range_is_read_into_memory_of_its_own(located, begin, end):
    found = located.read(begin, end)
    assert (found.dtype, found.shape[1]) == (np.float16, 5)
    assert np.array_equal(found, VECTORS[begin:end])
    assert found.flags.owndata
    assert found.flags.writeable


def test_what_the_system_gives_in_parts_is_read_whole(located, monkeypatch):
    class Few(io.FileIO):
        def readinto(self, buffer):
            return super().readinto(memoryview(buffer)[:7])

    monkeypatch.setattr(vector_file, "open", lambda path, *_, **__: Few(path), raising=False)
    assert np.array_equal(located.read(2, 28), VECTORS[2:28])


def test_a_range_beyond_the_end_of_the_file_is_damage(located, tmp_path):
    (tmp_path / "v").write_bytes((b"x" * OFFSET + VECTORS.tobytes())[:-1])
    assert np.array_equal(located.read(0, 29), VECTORS[:29])
    with pytest.raises(CorruptError, match="v ends 1 bytes before rows that were read"):
        located.read(20, 30)
