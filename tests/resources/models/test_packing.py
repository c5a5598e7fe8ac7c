"""Windows: a hand-computed batch, and every token read once with the right target."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from resources.models.packing import NO_DOCUMENT, NO_TARGET, batches


def _document(first: int, n_tokens: int) -> np.ndarray:
    return np.arange(first, first + n_tokens, dtype=np.int32)


def test_three_documents_in_windows_of_four() -> None:
    stream = [_document(10, 3), _document(20, 6), _document(30, 1)]
    first, second = batches(stream, 4, 2)
    assert first.inputs.tolist() == [[10, 11, 12, 20], [21, 22, 23, 24]]
    # the last token's target is the first of the next batch; a document's last token has none
    assert first.targets.tolist() == [[11, 12, NO_TARGET, 21], [22, 23, 24, 25]]
    assert first.documents.tolist() == [[0, 0, 0, 1], [1, 1, 1, 1]]
    assert first.positions.tolist() == [[0, 1, 2, 0], [0, 1, 2, 3]]
    assert second.inputs.tolist() == [[25, 30, 0, 0]]
    assert second.documents.tolist() == [[1, 2, NO_DOCUMENT, NO_DOCUMENT]]
    assert (first.n_tokens, first.n_targets, second.n_tokens, second.n_targets) == (8, 7, 2, 0)


@given(
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=12),
    window=st.integers(2, 9),
    windows=st.integers(1, 4),
)
def test_every_token_is_read_once_and_every_pair_is_a_target_once(
    sizes: list[int], window: int, windows: int
) -> None:
    stream = [_document(1000 * number, size) for number, size in enumerate(sizes)]
    found = list(batches(iter(stream), window, windows))
    assert all(batch.n_tokens == window * windows for batch in found[:-1])
    read = [batch.inputs[batch.documents != NO_DOCUMENT] for batch in found]
    assert np.concatenate(read).tolist() == np.concatenate(stream).tolist()
    targets = [batch.targets[batch.targets != NO_TARGET] for batch in found]
    expected = np.concatenate([document[1:] for document in stream])
    assert np.concatenate(targets).tolist() == expected.tolist()
    for batch in found:
        has = batch.targets != NO_TARGET
        assert (batch.targets[has] == batch.inputs[has] + 1).all()


def test_a_part_holds_the_chosen_windows_and_columns() -> None:
    batch = next(batches([_document(0, 12)], 4, 3))
    part = batch.take(slice(1, 3), 2)
    assert part.inputs.tolist() == [[4, 5], [8, 9]]
    assert part.n_tokens == 4


def test_no_documents_give_no_batches() -> None:
    assert list(batches([], 4, 2)) == []
