"""Signatures in a file: what is written is read, also after its pages were let go."""

from pathlib import Path

import numpy as np
import pytest

from assets.cluster.scoring import minhash_scratch
from assets.cluster.scoring.minhash_scratch import SignatureFile, mapped_numbers, release
from guyot.seeds import generator


@pytest.mark.parametrize(("at_once", "held"), [(512, 8192), (3, 5), (3, 1000)])
def test_rows_are_read_as_they_were_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int, held: int
) -> None:
    monkeypatch.setattr(minhash_scratch, "_ROWS_AT_ONCE", at_once)
    monkeypatch.setattr(minhash_scratch, "_HELD_ROWS", held)
    draw = generator(0, "scratch")
    signed = draw.integers(0, 2**32, (50, 128)).astype(np.uint32)
    file, place = SignatureFile(tmp_path / "signatures", 50), draw.permutation(50)
    file[place] = signed[place]
    assert len(file) == 50
    assert (file[10:40] == signed[10:40]).all()
    rows = draw.integers(0, 50, 70)
    assert (file[rows] == signed[rows]).all()
    assert file[rows[:0]].shape == (0, 128)


def test_a_file_of_nothing_and_numbers_that_are_let_go(tmp_path: Path) -> None:
    assert SignatureFile(tmp_path / "none", 0)[0:5].shape == (0, 128)
    np.arange(1000, dtype=np.uint64).tofile(tmp_path / "numbers")
    numbers, mapped = mapped_numbers(tmp_path / "numbers", 1000)
    release(mapped)
    assert numbers.tolist() == list(range(1000))
    (tmp_path / "empty").touch()
    assert not len(mapped_numbers(tmp_path / "empty", 0)[0])
