"""How far a packed stream may be unpacked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.settings import Settings
from resources.sources.unpacking import OverExpansionError, UnpackingLimits, limits_set


def read_all(limits, chunks, packed_bytes):
    pieces, left = [], iter(chunks)
    read = limits.bounded(lambda: next(left, b""), packed_bytes)
    try:
        while piece := read():
            pieces.append(piece)
    except OverExpansionError as error:
        return b"".join(pieces), str(error)
    return b"".join(pieces), ""


@given(st.lists(st.binary(min_size=1, max_size=5), max_size=9), st.integers(0, 40), st.integers(0, 4))
def test_all_is_read_that_is_allowed_whatever_the_chunks_and_no_more(chunks, free_bytes, packed_bytes):
    limits = UnpackingLimits(max_expansion=3, free_bytes=free_bytes, max_page_bytes=1)
    content, allowed = b"".join(chunks), max(free_bytes, 3 * packed_bytes)
    found, said = read_all(limits, chunks, packed_bytes)
    assert found == content[:allowed]
    assert bool(said) == (len(content) > allowed)


def test_the_message_names_the_sizes_and_the_setting():
    limits = UnpackingLimits.of(Settings.of(reading__max_expansion=2, reading__free_unpacked_bytes=3))
    assert read_all(limits, [b"abcd", b"e"], 1) == (
        b"abc",
        "a file of 1 bytes unpacks to more than 3; raise reading.max_expansion=2 to read it",
    )


@pytest.mark.parametrize("chunks", [[b"abc"], [b"abc", b"d"], [b"abcd"]])
def test_what_is_over_stays_over(chunks):
    left = iter(chunks)
    read = UnpackingLimits(1, 3, 1).bounded(lambda: next(left, b""), 0)
    assert read() == b"abc"
    for _ in range(2):
        if len(b"".join(chunks)) > 3:
            with pytest.raises(OverExpansionError):
                read()
            break
        assert read() == b""


def test_limits_enter_a_version_only_where_they_are_set():
    assert limits_set(Settings()) == {}
    given = {"reading.max_expansion": 3, "reading.free_unpacked_bytes": 0, "reading.max_page_bytes": 5}
    assert limits_set(Settings.of(**given)) == given
