"""Prune training data: texts, tables or vectors in, a mixture out, with a reason for every document.

    import guyot

    corpus = guyot.Corpus.from_texts(texts)
    mixture = corpus.prune("d4", keep=0.5)
    mixture.kept, mixture.dropped, mixture.explain(17)

    lake = guyot.open_lake("s3://bucket/lake")  # what the graph made, read without Dagster

vectors ── cluster ──▶ centroids, assignments, geometry
                           │
signals ──────────▶ Documents ── prune ──▶ Cut: kept or not, why, and the witness
                                             │
                                           train ──▶ Schedule, bits per byte

`guyot.prune` is the package of the methods; `guyot.prune.prune` applies steps to columns of one's own. What
is named here is loaded when it is first used: `import guyot` itself loads nothing else.
"""

import importlib
import typing

if typing.TYPE_CHECKING:
    from guyot import prune
    from guyot.corpus.corpus import Corpus
    from guyot.corpus.mixture import Mixture
    from guyot.lake import open_lake
    from guyot.prune.bounds import Bounds
    from guyot.prune.decontaminate import Decontaminate
    from guyot.prune.density import Density
    from guyot.prune.everything import Everything
    from guyot.prune.exact import Exact
    from guyot.prune.length import Length
    from guyot.prune.minhash import MinHash
    from guyot.prune.only_kinds import OnlyKinds
    from guyot.prune.parses import Parses
    from guyot.prune.prototypes import Prototypes
    from guyot.prune.random import Random
    from guyot.prune.scip import SCIP
    from guyot.prune.semdedup import SemDeDup
    from guyot.recipe import Recipe

__all__ = [
    "Bounds",
    "Corpus",
    "Decontaminate",
    "Density",
    "Everything",
    "Exact",
    "Length",
    "MinHash",
    "Mixture",
    "OnlyKinds",
    "Parses",
    "Prototypes",
    "Random",
    "Recipe",
    "SCIP",
    "SemDeDup",
    "open_lake",
    "prune",
]

_HOMES = {
    "Corpus": "guyot.corpus.corpus",
    "Mixture": "guyot.corpus.mixture",
    "open_lake": "guyot.lake",
    "Recipe": "guyot.recipe",
    "SCIP": "guyot.prune.scip",
    "Bounds": "guyot.prune.bounds",
    "Decontaminate": "guyot.prune.decontaminate",
    "Density": "guyot.prune.density",
    "Everything": "guyot.prune.everything",
    "Exact": "guyot.prune.exact",
    "Length": "guyot.prune.length",
    "MinHash": "guyot.prune.minhash",
    "OnlyKinds": "guyot.prune.only_kinds",
    "Parses": "guyot.prune.parses",
    "Prototypes": "guyot.prune.prototypes",
    "Random": "guyot.prune.random",
    "SemDeDup": "guyot.prune.semdedup",
}


def __getattr__(name: str) -> object:
    """Load what is asked for (PEP 562)."""
    if name == "prune":
        return importlib.import_module("guyot.prune")
    if name not in _HOMES:
        raise AttributeError(f"module 'guyot' has no attribute {name!r}; choose from {', '.join(__all__)}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List what there is."""
    return sorted({*globals(), *__all__})
