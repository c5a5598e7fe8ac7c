"""SCIP's premise, tried: does corrupted code lie farther out, and does dropping what lies far find it?

Python files of this machine, each normalised, are corrupted by eight families and encoded in four ways;
parents and copies are assigned to centroids of the parents. What was expected is printed beside what was
measured.

python examples/papers/scip.py             about a minute on two cores
python examples/papers/scip.py --quick     seconds, on few files: shows the way, proves nothing

Needs scikit-learn, for the two encoders by SVD. Written for Python 3.11: the tokenizer of later versions
stops at the first sign that is not Python's, so that what it reads of invalid names is shorter.
"""

import io
import keyword
import sysconfig
import tokenize
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from findings import Findings, command
from numpy.typing import NDArray

from guyot.audit.corruption.edits import FAMILIES, SYNTAX, corrupt, normalised
from guyot.audit.corruption.recall import ALPHAS, Recall, synthetic_recall
from guyot.audit.corruption.sensitivity import (
    SENSITIVE_FROM,
    ClusterPositions,
    Copies,
    Response,
    is_sensitive,
    responses,
)
from guyot.cluster.assign import assign
from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.encoders.hashing import HashingEncoder
from guyot.seeds import uniforms
from guyot.vectors.exact import unit_float16

DOCUMENTS, FEW_DOCUMENTS = 400, 30
MIN_CHARS, MAX_CHARS = 1_000, 20_000
DRAWS, SEED, ALPHA, DROPPED = 1_000, 0, 0.8, 0.2
COMPONENTS = 96
# what METHODS expects of encoders by random projection; an SVD is expected to feel nothing
FARTHER = ("closing_brackets", "odd_names", "invalid_names", "deleted_blocks")
GROUPS = {
    "all families": tuple(range(len(FAMILIES))),
    "content alone": tuple(range(len(SYNTAX), len(FAMILIES))),
}
_KINDS, _WORDS, _SIGNS = 0x100, 0x200, 0x300  # where the code points of the three kinds of class begin
_WORD_CLASSES = {word: chr(_WORDS + number) for number, word in enumerate(keyword.kwlist)}
Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Corpus:
    """Texts, the parents first, and of each copy its parent's row and its family's number."""

    texts: list[str]
    n_parents: int
    parent: NDArray[np.int64]
    family: NDArray[np.int64]


@dataclass(frozen=True)
class Measured:
    """What one encoder does."""

    measured: list[Response]
    recalls: list[Recall]


def corpus(n_documents: int) -> Corpus:
    """Corrupt Python files of the standard library and of installed packages, drawn at random."""
    paths: dict[str, Path] = {}
    for place in ("stdlib", "purelib"):
        folder = Path(sysconfig.get_path(place))
        for path in folder.rglob("*.py"):
            inside = path.relative_to(folder)
            if "site-packages" not in inside.parts and MIN_CHARS <= path.stat().st_size <= MAX_CHARS:
                paths[f"{place}/{inside.as_posix()}"] = path
    names = sorted(paths)
    order = np.argsort(uniforms(SEED, "scip-example", names), kind="stable")[:n_documents]
    drawn = [names[i] for i in order]
    found = [made for made in in_processes(corrupted, drawn, [paths[name] for name in drawn]) if made]
    copies = [(row, family, text) for row, (_, made) in enumerate(found) for family, text in made]
    parent, family = (np.array([copy[at] for copy in copies], np.int64) for at in (0, 1))
    texts = [text for text, _ in found] + [text for *_, text in copies]
    return Corpus(texts, len(found), parent, family)


def corrupted(name: str, path: Path) -> tuple[str, list[tuple[int, str]]] | None:
    """Normalise a file and corrupt it by each family that has a place in it."""
    try:
        document = normalised(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return None
    if document is None or not document.text:
        return None
    made = [(number, corrupt(document, f, seed=SEED, key=name)) for number, f in enumerate(FAMILIES)]
    return document.text, [(number, copy.text) for number, copy in made if copy is not None]


def classes(text: str) -> str:
    """Write a program as one code point per token: its kind, and of keywords and signs which one."""
    found: list[str] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.OP:
                found.append(chr(_SIGNS + int.from_bytes(token.string.encode()[:2], "big")))
            else:
                found.append(_WORD_CLASSES.get(token.string) or chr(_KINDS + token.type))
    except (tokenize.TokenError, IndentationError):
        found.append(chr(_KINDS + tokenize.ERRORTOKEN))
    return "".join(found)


def by_random_projection(text: str) -> Vectors:
    """Encode a text's n-grams of 3 to 5 code points."""
    return HashingEncoder(512).encode([text])[0]


def by_svd(texts: list[str], n_parents: int) -> Vectors:
    """Encode texts by TF-IDF of their n-grams and the strongest directions of the parents' alone."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    counted = TfidfVectorizer(analyzer="char", ngram_range=(2, 4), lowercase=False, min_df=2)
    clean = counted.fit_transform(texts[:n_parents])
    directions = TruncatedSVD(min(COMPONENTS, n_parents - 1), random_state=SEED).fit(clean)
    copies = directions.transform(counted.transform(texts[n_parents:]))
    return np.concatenate([directions.transform(clean), copies]).astype(np.float32)


def measure(found: Corpus, vectors: Vectors) -> Measured:
    """Assign parents and copies to centroids of the parents, and see what moved and what is found."""
    rows, n = unit_float16(vectors), found.n_parents
    centroids = kmeans(rows[:n], KMeansSettings(round(n**0.5), 20, 256, SEED)).vectors
    near = assign(rows, centroids)
    parents, placed = (
        ClusterPositions(near.cluster[part], near.distance[part]) for part in (slice(n), slice(n, None))
    )
    copies = Copies(found.parent, found.family, placed)
    sizes = np.bincount(parents.cluster, minlength=len(centroids))
    measured = responses(parents, copies, sizes, FAMILIES, draws=DRAWS, seed=SEED)
    return Measured(measured, synthetic_recall(parents, copies, sizes, GROUPS, draws=DRAWS, seed=SEED))


def tell(name: str, found: Measured, *, projected: bool) -> list[tuple[str, bool]]:
    """Print one encoder's figures; return each direction that was expected and whether it held."""
    held: list[tuple[str, bool]] = []
    say(f"\n{name}\n  {'family':20} {'copies':>6}  {'farther (95%)':22} smaller  unmoved  expected")
    for one in found.measured:
        expected = projected and one.family in FARTHER
        if expected:
            held.append((f"{name}: {one.family} move farther", one.farther.value >= SENSITIVE_FROM))
        told = f"at least {SENSITIVE_FROM}: {word(held[-1][1])}" if expected else ""
        shares = f"{interval(one.farther):22} {one.smaller.value:7.2f} {one.unmoved:8.2f}"
        say(f"  {one.family:20} {one.n:6}  {shares}  {told}".rstrip())
    held.append(
        (f"{name}: {'passes' if projected else 'fails'} the audit", is_sensitive(found.measured) == projected)
    )
    say(f"  feels a family: {'yes' if is_sensitive(found.measured) else 'no'}; "
        f"expected {'yes' if projected else 'no'}: {word(held[-1][1])}")  # fmt: skip
    for group in GROUPS:
        held += tell_recall(name, group, found.recalls, projected=projected)
    return held


def tell_recall(name: str, group: str, recalls: list[Recall], *, projected: bool) -> list[tuple[str, bool]]:
    """Print what is found of planted copies; of projections a direction is expected, of SVDs none."""
    own = {(r.method, r.alpha): r for r in recalls if (r.dropped, r.group) == (DROPPED, group)}
    scip, closest = own["scip", ALPHA].found, own["prototypes", None].found
    say(f"  recall of {scip.n} planted copies, {group}, among the first {DROPPED:.0%} dropped;")
    say("  beside it, what share of the same files is dropped where nothing is planted:")
    lines = {f"scip, alpha {alpha}": own["scip", alpha] for alpha in ALPHAS}
    lines |= {"closest first": own["prototypes", None], "at random": own["random", None]}
    for told, recall in lines.items():
        say(f"    {told:18} {interval(recall.found):22} {recall.clean:7.3f}")
    if not projected:
        return []
    error = (scip.high - scip.low) / (2 * 1.96)
    held = [
        (f"{name}: recall, {group}, above a lot's by 2 standard errors", scip.value > DROPPED + 2 * error),
        (f"{name}: recall, {group}, above that of the closest", scip.value > closest.value),
    ]
    say(f"    expected of alpha {ALPHA}: above {DROPPED} by 2 standard errors ({word(held[0][1])}), "
        f"above the closest ({word(held[1][1])})")  # fmt: skip
    return held


def interval(found: Any) -> str:
    """Write a value with its interval."""
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


def word(held: bool) -> str:
    """Say whether it did."""
    return "holds" if held else "DOES NOT HOLD"


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)  # noqa: T201


def in_processes(work: Callable[..., Any], *columns: list[Any]) -> list[Any]:
    """Do pure work over rows on two cores, in order."""
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(work, *columns, chunksize=16))


def main(n_documents: int) -> Findings:
    """Measure the four encoders and sum up."""
    found = corpus(n_documents)
    say(f"{found.n_parents} Python files, {len(found.parent)} corrupted copies, seed {SEED}")
    tokens = in_processes(classes, found.texts)
    encoders: dict[str, tuple[bool, Callable[[], Any]]] = {
        "token classes, random projection": (True, lambda: in_processes(by_random_projection, tokens)),
        "characters, random projection": (True, lambda: in_processes(by_random_projection, found.texts)),
        "token classes, SVD": (False, lambda: by_svd(tokens, found.n_parents)),
        "characters, SVD": (False, lambda: by_svd(found.texts, found.n_parents)),
    }
    held: list[tuple[str, bool]] = []
    for name, (projected, encode) in encoders.items():
        held += tell(name, measure(found, np.array(encode(), np.float32)), projected=projected)
    return Findings(directions=dict(held))


if __name__ == "__main__":
    command(main, DOCUMENTS, FEW_DOCUMENTS)
