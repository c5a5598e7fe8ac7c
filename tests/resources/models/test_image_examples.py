"""Examples: batches are the rows in order, and a digest is of pixels and targets."""

import numpy as np
from support.image_examples import examples

from resources.models.image_examples import ImageExamples, image_batches


def test_batches_are_the_rows_in_their_order_repeats_included() -> None:
    every = examples(6, "contrastive")
    rows = np.array([4, 0, 4, 1, 5])
    found = list(image_batches(every, rows, 2))
    assert [batch.n_tokens for batch in found] == [batch.n_targets for batch in found] == [2, 2, 1]
    assert np.array_equal(np.concatenate([batch.pixels for batch in found]), every.pixels[rows])
    read = [target.tolist() for batch in found for target in batch.targets]
    assert read == [every.targets[row].tolist() for row in rows]


def test_a_digest_changes_with_a_pixel_a_token_and_the_place_of_a_token() -> None:
    one = examples(3, "contrastive")
    pixels = one.pixels.copy()
    pixels[2, 0, 0, 0] ^= 1
    moved = ImageExamples(
        one.pixels, [np.array([5], np.int32), np.array([6, 5, 7], np.int32), one.targets[2]]
    )
    others = [ImageExamples(pixels, one.targets), moved, one.take(np.array([0, 2, 1])), one.take(slice(2))]
    assert len({one.digest, *(other.digest for other in others)}) == 5
    assert examples(3, "contrastive").digest == one.digest
