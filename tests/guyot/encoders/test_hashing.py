"""The hashing encoder: unit rows, the same bytes in any batch, near-copies near."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from guyot.encoders import hashing
from guyot.encoders.hashing import Encoder, HashingEncoder
from guyot.errors import SettingError

TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
SENTENCE = "the quick brown fox jumps over the lazy dog while it rains in the valley "


@settings(max_examples=30, deadline=None)
@given(texts=st.lists(TEXT, min_size=1, max_size=4))
def test_rows_have_unit_length_and_do_not_depend_on_their_batch(texts: list[str]) -> None:
    rows = HashingEncoder(32).encode(texts)
    assert rows.dtype == np.float32
    assert np.abs(np.linalg.norm(rows, axis=1) - 1).max() < 1e-6
    for position, text in enumerate(texts):
        assert rows[position].tobytes() == HashingEncoder(32).encode([text])[0].tobytes()


def test_the_bytes_of_a_row_are_these_on_every_machine() -> None:
    row = HashingEncoder(8).encode(["abcd"])[0]
    expected = [_projected("abcd", axis, 8) for axis in range(8)]
    assert row.tolist() == (np.array(expected) / np.linalg.norm(expected)).astype("f4").tolist()


def _projected(text: str, axis: int, width: int) -> float:
    """Project a text's n-grams, each of which occurs once, as the module says, in plain Python."""
    total, mask = 0, (1 << 64) - 1
    for size in (3, 4, 5):
        for begin in range(len(text) - size + 1):
            mixed = size
            for character in text[begin : begin + size]:
                mixed = (mixed * 0x9E3779B97F4A7C15 + ord(character)) & mask
            mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & mask
            mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
            mixed ^= mixed >> 31
            signs = np.unpackbits(hashing._packed_signs(width)[(mixed >> 45) & 0x3FFFF])
            count = -1 if mixed >> 63 else 1
            total += (2 * int(signs[axis]) - 1) * count * round(np.log(2) * 256)
    return total


def test_thread_count_changes_no_byte() -> None:
    texts = [SENTENCE * 400, SENTENCE]
    with threadpool_limits(1):
        one = HashingEncoder().encode(texts)
    assert one.tobytes() == HashingEncoder().encode(texts).tobytes()


def test_a_long_text_is_hashed_in_chunks_to_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(chr(97 + (i * i) % 23) for i in range(3000))
    whole = HashingEncoder().encode([text])
    monkeypatch.setattr(hashing, "_SHORT_CHARS", 0)
    monkeypatch.setattr(hashing, "_CHUNK_CHARS", 7)
    monkeypatch.setattr(hashing, "_CHUNK_BUCKETS", 5)
    assert HashingEncoder().encode([text]).tobytes() == whole.tobytes()


def test_near_copies_are_near_and_strangers_are_not() -> None:
    near = SENTENCE.replace("fox", "cat")
    far = "import numpy as np; print(np.zeros((3, 4)).shape)"
    rows = HashingEncoder().encode([SENTENCE, near, far])
    assert rows[0] @ rows[1] > 0.8
    assert abs(rows[0] @ rows[2]) < 0.3


@pytest.mark.parametrize("text", ["", "a", "ab"])
def test_a_text_without_ngrams_gets_the_first_axis(text: str) -> None:
    assert HashingEncoder(8).encode([text]).tolist() == [[1, 0, 0, 0, 0, 0, 0, 0]]


def test_a_lone_surrogate_is_encoded() -> None:
    assert np.isfinite(HashingEncoder(8).encode(["ab\ud800cd"])).all()


def test_no_texts_give_no_rows() -> None:
    hashing: Encoder = HashingEncoder(16)
    assert hashing.encode([]).shape == (0, 16)


def test_the_id_tells_widths_apart() -> None:
    assert HashingEncoder().id == HashingEncoder().id != HashingEncoder(128).id


def test_a_width_that_carries_nothing_is_refused() -> None:
    with pytest.raises(SettingError, match="width=4.*at least 8"):
        HashingEncoder(4)
