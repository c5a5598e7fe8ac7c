"""Structs of Thrift: written by hand, what is wanted of them, and bytes that are none."""

import pytest

from resources.sources.thrift_compact import CompactReader

# 1: i32 2; 2: binary "ab"; 3: [{1: i64 3, 2: true}, {1: i64 -4}]; 20 (its number in full): {4: i32 1}
STRUCT = (
    b"\x15\x04" b"\x18\x02ab" b"\x19\x2c" b"\x16\x06\x11\x00" b"\x16\x07\x00" b"\x0c\x28" b"\x45\x02\x00" b"\x00"
)  # fmt: skip


def test_what_is_wanted_is_kept_and_all_is_passed_over() -> None:
    reader = CompactReader(STRUCT + b"more")
    wanted = {1: {}, 2: {}, 3: {1: {}, 2: {}}, 20: {4: {}}}
    assert reader.struct(wanted) == {1: 2, 3: [{1: 3}, {1: -4}], 20: {4: 1}}
    assert reader.at == len(STRUCT)
    assert CompactReader(STRUCT).struct({}) == {}
    assert CompactReader(STRUCT).struct({3: {}, 20: {}}) == {20: {}}


@pytest.mark.parametrize("n_bytes", range(len(STRUCT)))
def test_a_struct_that_is_cut_ends_too_early(n_bytes: int) -> None:
    with pytest.raises(IndexError):
        CompactReader(STRUCT[:n_bytes]).struct({})


def test_a_list_that_says_it_is_long_ends_with_its_bytes() -> None:
    with pytest.raises(IndexError):
        CompactReader(b"\x19\xfc" + b"\xff" * 7 + b"\x7f" + b"\x00" * 100).struct({1: {1: {}}})
