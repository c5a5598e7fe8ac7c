"""Structs of Thrift: written by hand, what is wanted of them, and bytes that are none."""

import pytest

from resources.sources.thrift_compact import I32, I64, LIST, STRUCT, CompactReader, Field

# 1: i32 2; 2: binary "ab"; 3: [{1: i64 3, 2: true}, {1: i64 -4}]; 4: {true: "x"}; 5: uuid; 6: [7, 8];
# 20 (its number in full): {4: i32 1}
STRUCT_BYTES = (
    b"\x15\x04" b"\x18\x02ab" b"\x19\x2c" b"\x16\x06\x11\x00" b"\x16\x07\x00" b"\x1b\x01\x18\x01\x01x"
    b"\x1d0123456789abcdef" b"\x19\x26\x0e\x10" b"\x0c\x28" b"\x45\x02\x00" b"\x00"
)  # fmt: skip
WANTED = {
    1: Field(I32), 3: Field(LIST, {1: Field(I64)}, STRUCT), 6: Field(LIST, {}, I64),
    20: Field(STRUCT, {4: Field(I32)}),
}  # fmt: skip


def test_what_is_wanted_is_kept_and_all_is_passed_over() -> None:
    reader = CompactReader(STRUCT_BYTES + b"more")
    assert reader.struct(WANTED) == {1: 2, 3: [{1: 3}, {1: -4}], 6: [7, 8], 20: {4: 1}}
    assert reader.at == len(STRUCT_BYTES)
    assert CompactReader(STRUCT_BYTES).struct({}) == {}


@pytest.mark.parametrize("n_bytes", range(len(STRUCT_BYTES)))
def test_a_struct_that_is_cut_ends_too_early(n_bytes: int) -> None:
    with pytest.raises(IndexError):
        CompactReader(STRUCT_BYTES[:n_bytes]).struct({})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x16\x04\x00", "field 1 twice, or of type 6 in place of 5"),
        (b"\x15\x04\x05\x02\x06\x00", "field 1 twice"),
        (b"\x39\x15\x02\x00", "a list of type 5 in place of 12"),
        (b"\x7e\x00", "a field of type 14"),
    ],
)
def test_what_another_reader_would_read_differently_is_an_error(content: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        CompactReader(content).struct(WANTED)


def test_a_list_that_says_it_is_long_ends_with_its_bytes() -> None:
    with pytest.raises(IndexError):
        CompactReader(b"\x39\xfc" + b"\xff" * 7 + b"\x7f" + b"\x00" * 100).struct(WANTED)
