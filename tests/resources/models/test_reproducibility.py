"""Digests of weights, and models that are drawn by a seed; torch's modes are tested with the language model."""

import torch

from resources.models.reproducibility import digest, drawing


def test_a_seed_draws_the_same_and_the_stream_outside_is_left_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    with drawing(0):
        one = torch.rand(4)
    assert torch.equal(torch.rand(3), expected)
    with drawing(0):
        assert torch.equal(torch.rand(4), one)
    with drawing(1):
        assert not torch.equal(torch.rand(4), one)


def test_digests_tell_bytes_apart() -> None:
    assert len({digest(b""), digest(b"a"), digest(b"b")}) == 3
    assert len(digest(b"a")) == 32
