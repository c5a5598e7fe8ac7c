"""doc_ids: bytes and columns of strings are the same ids, and each is found among sorted ones."""

import numpy as np
import pyarrow as pa
import pytest

from assets.graph import doc_ids
from assets.graph.doc_ids import (
    PACKED,
    SortedIds,
    id_bits,
    id_column,
    ids_of,
    packed,
    packed_ids_of,
    positions,
    sorting_order,
    unpacked,
)  # fmt: skip
from guyot.errors import ArrayError


def test_ids_keep_all_their_digits_and_give_their_first_64_bits() -> None:
    ids = ids_of(pa.chunked_array([["00000000000000ff" + "1" * 16], ["ffffffffffffffff" + "0" * 16]]))
    assert ids.dtype == np.dtype("S32")
    assert ids.tolist() == [b"00000000000000ff" + b"1" * 16, b"f" * 16 + b"0" * 16]
    assert id_bits(ids).tolist() == [255, 2**64 - 1]
    assert id_bits(ids[:0]).tolist() == []


@pytest.mark.parametrize("n_chunks", [0, 1, 3])
def test_ids_go_into_a_column_and_come_back(n_chunks: int) -> None:
    names = [f"{number:032x}" for number in range(12)]
    column = pa.chunked_array([pa.array(names)[4 * i : 4 * i + 4] for i in range(n_chunks)], pa.string())
    ids = ids_of(column)
    assert [i.decode() for i in ids.tolist()] == names[: 4 * n_chunks]
    assert id_column(ids).to_pylist() == names[: 4 * n_chunks]
    assert id_column(ids).type == pa.string()
    assert id_column(ids[::2]).to_pylist() == names[: 4 * n_chunks : 2]
    valid = np.arange(len(ids)) % 3 > 0
    nulls = id_column(ids, valid)
    nulls.validate(full=True)
    assert nulls.to_pylist() == [
        name if there else None for name, there in zip(names[: 4 * n_chunks], valid, strict=True)
    ]
    assert [i.decode() for i in ids_of(nulls.fill_null("")).tolist()] == [n or "" for n in nulls.to_pylist()]


def test_ids_of_another_length_are_read_and_never_written() -> None:
    assert ids_of(pa.chunked_array([["abc", "", "d" * 32]])).tolist() == [b"abc", b"", b"d" * 32]
    assert ids_of(pa.array(["a" * 32], pa.large_string())).tolist() == [b"a" * 32]
    with pytest.raises(ArrayError, match="doc_ids have 32 digits; 1 of 2 are shorter"):
        id_column(np.array([b"abc", b"d" * 32], "S32"))


def test_positions_are_found_and_what_is_absent_is_minus_one() -> None:
    ids = np.array([b"b", b"d", b"f"], "S32")
    assert positions(ids, np.array([b"f", b"a", b"b", b"e", b"g", b"d"], "S32")).tolist() == [
        2,
        -1,
        0,
        -1,
        -1,
        1,
    ]
    assert positions(ids[:0], ids).tolist() == [-1, -1, -1]
    assert positions(ids, ids[:0]).tolist() == []


def test_positions_are_found_where_ids_differ_only_in_their_last_digits() -> None:
    digits = np.random.default_rng(0).integers(0, 1 << 62, 500)
    names = sorted(
        {f"{n:032x}" for n in digits.tolist()} | {f"{n:016x}{n % 7:016x}" for n in digits.tolist()}
    )
    ids, others = np.array(names[::2], "S32"), np.array(names, "S32")[::-1]
    expected = [names[::2].index(i.decode()) if i.decode() in names[::2] else -1 for i in others.tolist()]
    assert SortedIds.of(ids).positions(others).tolist() == expected
    assert id_bits(others).tolist() == [int(i[:16], 16) for i in others.tolist()]


def test_few_ids_among_many_are_found_as_all_of_them_are() -> None:
    ids = np.array([f"{3 * number:032x}" for number in range(2000)], "S32")
    wanted = np.concatenate([ids[[3, 1999, 700]], np.array(["f" * 32, "", f"{4:032x}"], "S32")])
    assert len(wanted) < len(ids) // 16
    assert positions(ids, wanted).tolist() == [3, 1999, 700, -1, -1, -1]
    assert SortedIds.of(ids).positions(wanted).tolist() == [3, 1999, 700, -1, -1, -1]


NAMES = [f"{n:032x}" for n in (0, 1, 256, 2**64, 2**64 + 255, 2**127, 2**128 - 1)] + ["9a" * 16, "a9" * 16]


@pytest.mark.parametrize("at_once", [1, 4, 100])
def test_packed_ids_are_their_digits_in_half_the_memory(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doc_ids, "_IDS_AT_ONCE", at_once)
    ids = np.array(NAMES, "S32")
    found = packed(ids)
    assert found.dtype == PACKED
    assert found.tobytes() == b"".join(bytes.fromhex(name) for name in NAMES)
    assert unpacked(found).tolist() == ids.tolist()
    assert unpacked(found[::2]).tolist() == ids[::2].tolist()
    assert np.argsort(found).tolist() == np.argsort(ids).tolist()
    assert id_bits(found).tolist() == id_bits(ids).tolist()
    assert id_bits(found[::-2]).tolist() == id_bits(ids[::-2]).tolist()
    assert packed(ids[:0]).shape == unpacked(found[:0]).shape == (0,)
    column = pa.chunked_array([NAMES[:4], NAMES[4:]])
    assert (
        packed_ids_of(column).tobytes() == packed_ids_of(column.combine_chunks()).tobytes() == found.tobytes()
    )
    assert len(packed_ids_of(pa.chunked_array([], pa.string()))) == 0


@pytest.mark.parametrize("wrong", ["abc", "A" * 32, "g" * 32, "/" * 32, ":" * 32, "`" * 32, "0" * 31 + " "])
def test_what_are_no_hex_digits_is_not_packed(wrong: str) -> None:
    with pytest.raises(ArrayError, match="doc_ids have 32 hex digits; 1 of 2 have not"):
        packed(np.array(["0" * 32, wrong], "S32"))


def test_digits_and_packed_ids_are_found_among_packed_ones() -> None:
    ids = np.array(sorted(NAMES), "S32")
    held, wanted = packed(ids[::2]), np.concatenate([ids, ids[:1]])
    expected = [n // 2 if n % 2 == 0 else -1 for n in (*range(len(ids)), 0)]
    for found in (SortedIds.of(held).positions, lambda some: positions(held, some)):
        assert found(wanted).tolist() == found(packed(wanted)).tolist() == expected


def test_ids_whose_first_bits_are_equal_are_sorted_by_the_others() -> None:
    names = [f"{n % 3:016x}{n * 7 % 40:016x}" for n in range(40)]
    for ids in (np.array(names, "S32"), packed(np.array(names, "S32")), np.array(NAMES, "S32")[::-1]):
        assert ids[sorting_order(ids)].tolist() == np.sort(ids).tolist()
