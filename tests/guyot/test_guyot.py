"""The face of the library: what `import guyot` gives, and that it costs nothing until it is used."""

import subprocess
import sys
from typing import get_args

import pytest

import guyot
from guyot.prune import Step

HEAVY = ("numpy", "faiss", "pyarrow", "pydantic", "torch", "transformers", "click", "rensa", "pandas")


def loaded_by(code: str) -> set[str]:
    """Run code in a new process and return which heavy packages it loaded."""
    script = f"import sys\n{code}\nprint(*(m for m in {HEAVY} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_it_loads_nothing() -> None:
    assert loaded_by("import guyot; dir(guyot)") == set()


def test_a_corpus_of_texts_loads_neither_arrow_nor_torch() -> None:
    used = loaded_by(
        "import guyot\n"
        "corpus = guyot.Corpus.from_texts(['a b c d e f', 'a b c d e f', 'x y z'])\n"
        "for name in ('d4', 'semdedup', 'minhash', 'clean'):\n"
        "    mixture = corpus.prune(name, keep=0.67 if name != 'clean' else None)\n"
        "    list(mixture.kept), list(mixture.dropped), mixture.explain(1)"
    )
    assert used == {"numpy", "faiss", "pydantic", "rensa"}


def test_every_name_is_what_it_says() -> None:
    for name in guyot.__all__:
        found = getattr(guyot, name)
        assert found.__name__.removeprefix("guyot.") == name
        assert name in dir(guyot)
    assert set(guyot._HOMES) | {"prune"} == set(guyot.__all__)


def test_every_step_is_offered() -> None:
    assert {step.__name__ for step in get_args(Step)} <= set(guyot.__all__)


def test_another_name_is_refused_and_the_names_are_listed() -> None:
    with pytest.raises(AttributeError, match="no attribute 'corpse'; choose from .*Corpus"):
        _ = guyot.corpse  # type: ignore[attr-defined]
