"""Products of bytes are exact wherever they are used, and are used only where torch is there and they are sooner."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info

from guyot.vectors import byte_products as module
from guyot.vectors.byte_products import HIGHEST, is_worthwhile, multiply, multiply_pairs, one_openmp_thread


@pytest.mark.parametrize(("m", "n", "width"), [(1, 1, 1), (3, 5, 7), (70, 33, 384), (17, 64, 2049)])
def test_products_are_those_of_integers(m: int, n: int, width: int) -> None:
    if not module._gain():
        assert not is_worthwhile(1 << 40, width), "where they are not exact they are never used"
        return
    draw = np.random.default_rng(m)
    left, right = (draw.integers(-HIGHEST, HIGHEST + 1, (rows, width)).astype(np.int8) for rows in (m, n))
    left[0], right[-1] = HIGHEST, -HIGHEST  # the largest product
    out = np.empty((m, n), np.int32)
    multiply(left, right, out)
    assert (out == left.astype(np.int64) @ right.astype(np.int64).T).all()


def test_they_warn_of_nothing() -> None:
    code = """
import numpy as np
from guyot.vectors.byte_products import multiply_pairs
multiply_pairs(np.eye(2), np.eye(2), np.array([0, 1, 2]), np.array([0, 1]))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stderr == ""


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pairs_are_those_of_a_loop(dtype: type) -> None:
    draw = np.random.default_rng(0)
    left, right = (draw.integers(-9, 9, (n, 5)).astype(dtype) for n in (4, 6))
    begins, column = np.array([0, 2, 2, 3, 5]), np.array([1, 5, 0, 3, 2])
    found = multiply_pairs(left, right, begins, column)
    row = [0, 0, 2, 3, 3]
    assert found.dtype == dtype
    assert found.tolist() == [float(left[i] @ right[j]) for i, j in zip(row, column, strict=True)]


def test_wrong_products_are_never_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def saturated(left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        exact = left.astype(np.int64) @ right.astype(np.int64).T
        out[:] = np.minimum(exact, exact.max() - 1)

    monkeypatch.setattr(module, "multiply", saturated)
    assert module._gain.__wrapped__() == 0


def test_both_are_timed_on_one_thread_as_they_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def seconds(work: object) -> float:
        threads.extend(
            library["num_threads"] for library in threadpool_info() if "numpy" in library["filepath"]
        )
        threads.append(torch.get_num_threads())
        return 1.0

    monkeypatch.setattr(module, "_least_seconds", seconds)
    module._gain.__wrapped__()
    assert len(threads) > 2
    assert set(threads) == {1}


def test_a_torch_without_them_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("not implemented for 'Char'")

    monkeypatch.setattr(module, "multiply", refuse)
    assert module._gain.__wrapped__() == 0


def test_little_work_and_wide_rows_are_left_to_floats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_gain", lambda: 9.0)
    assert is_worthwhile(1 << 30, 384)
    assert not is_worthwhile(1 << 20, 384)
    assert not is_worthwhile(1 << 40, module.MAX_WIDTH + 1)
    monkeypatch.setattr(module, "_gain", lambda: 1.0)
    assert not is_worthwhile(1 << 40, 384)


def test_torch_is_loaded_for_much_work_alone() -> None:
    code = """
import sys
from guyot.vectors.byte_products import MIN_WORK, is_fast, is_worthwhile
assert not is_worthwhile(MIN_WORK - 1, 384) and not is_fast() and "torch" not in sys.modules
is_worthwhile(MIN_WORK, 384)
assert "torch" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_thread_multiplies_alone_and_others_as_before() -> None:
    before = torch.get_num_threads()
    with one_openmp_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
