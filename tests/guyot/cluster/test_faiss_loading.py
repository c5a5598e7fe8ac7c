"""Faiss multiplies with the kernels that numpy found for this processor, and the environment stays as it was."""

import os
import subprocess
import sys

import pytest

from guyot.cluster import faiss_loading as module

LOADED = """
import os
from guyot.cluster.faiss_loading import load_faiss, numpy_kernels, _KERNELS
faiss = load_faiss()
from threadpoolctl import threadpool_info
print(os.environ.get("OPENBLAS_CORETYPE"))
print(_KERNELS.get(numpy_kernels()))
print(*[each["architecture"] for each in threadpool_info() if "faiss" in each["filepath"] and each["internal_api"] == "openblas"])
"""


def said(**environment: str) -> list[str]:
    without = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    done = subprocess.run(
        [sys.executable, "-c", LOADED], check=True, capture_output=True, text=True, env=without | environment
    )
    return done.stdout.splitlines()


def test_faiss_has_the_kernels_of_numpy() -> None:
    after, wanted, found = said()
    assert after == "None"
    assert wanted == "None" or found == wanted


def test_who_names_kernels_has_them() -> None:
    after, _, found = said(OPENBLAS_CORETYPE="Nehalem")
    assert after == "Nehalem"
    assert found in ("Nehalem", ""), "another faiss may bring another library"


def test_a_processor_without_a_name_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
    with module._asks_for(None):
        assert "OPENBLAS_CORETYPE" not in os.environ
    with module._asks_for("Zen"):
        assert os.environ["OPENBLAS_CORETYPE"] == "Zen"
    assert "OPENBLAS_CORETYPE" not in os.environ
