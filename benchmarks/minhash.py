"""MinHash over real pages: from texts to near-copies, beside datasketch, each in processes of its own.

    .venv/bin/python benchmarks/minhash.py --folder DOCUMENTS --folder MANUALS [--pages 50000]

Pages are the text files under the folders, packed ones unpacked, long ones cut; copies stay. Both take runs
of five words, 128 permutations and a Jaccard similarity of 0.8. Core-seconds are those of all threads,
without reading the files. Truth is exact: texts that share 0.8 of their runs have one in common among the
rarest fifth of each, so all pairs that do are compared. A pair counts as found where both are in one family.
"""

import argparse
import gzip
import json
import resource
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from guyot.corpus.text_pairs import text_pairs
from guyot.prune.near_duplicates.jaccards import jaccards
from guyot.prune.near_duplicates.single_linkage import single_linkage
from guyot.prune.witness import kept_witness
from guyot.text.lsh import bands_for, candidates
from guyot.text.minhash_signatures import N_PERMUTATIONS, signatures
from guyot.text.shingles import Shingles, concatenate, shingles

JACCARD = 0.8
SIZE = 5
BATCH = 512
PAGE_CHARACTERS = 3000
NAMES = {".py", ".txt", ".md", ".rst", ".html", ".gz", "", *(f".{number}" for number in range(1, 9))}
Pairs = NDArray[np.int64]


def pages(folders: list[Path], most: int) -> list[str]:
    """Read the text files under folders, in the order of their names, cut into pages."""
    found: list[str] = []
    for file in sorted({file for folder in folders for file in folder.rglob("*")}):
        if len(found) >= most:
            break
        if file.suffix.lower() not in NAMES or file.is_symlink() or not file.is_file():
            continue
        content = file.read_bytes()
        try:
            text = (gzip.decompress(content) if file.suffix == ".gz" else content).decode()
        except (OSError, EOFError, UnicodeDecodeError):
            continue
        if "\0" not in text:
            found += [text[i : i + PAGE_CHARACTERS] for i in range(0, len(text), PAGE_CHARACTERS)]
    return found[:most]


def guyot(contents: list[str]) -> Pairs:
    """Find pairs as the library does: compared exactly."""
    found = text_pairs(contents, JACCARD)
    return np.stack([found.one, found.other], axis=1)


def guyot_candidates(contents: list[str]) -> Pairs:
    """Find candidates alone."""
    batches = range(0, len(contents), BATCH)
    signed = [signatures(shingles(contents[i : i + BATCH], "words", SIZE)) for i in batches]
    return candidates(np.concatenate(signed), JACCARD).pairs


def datasketch(contents: list[str]) -> Pairs:
    """Find candidates as datasketch's own guide does."""
    from datasketch import MinHash, MinHashLSH

    bands = bands_for(JACCARD)
    index = MinHashLSH(num_perm=N_PERMUTATIONS, params=(bands.n_bands, bands.n_rows))
    found: list[tuple[int, int]] = []
    for number, text in enumerate(contents):
        words = text.split()
        signed = MinHash(num_perm=N_PERMUTATIONS)
        signed.update_batch(
            {" ".join(words[i : i + SIZE]).encode() for i in range(max(1, len(words) - SIZE + 1))}
        )
        found += [(other, number) for other in index.query(signed)]
        index.insert(number, signed)
    return np.array(found, np.int64).reshape(-1, 2)


WAYS: dict[str, Callable[[list[str]], Pairs]] = {
    "guyot": guyot, "guyot, candidates alone": guyot_candidates, "datasketch": datasketch,
}  # fmt: skip


def core_seconds() -> float:
    """Return the seconds of all threads of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_bytes() -> int:
    """Return the most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measure_way(way: str, texts: Path, pairs: Path) -> None:
    """Do the work of one way in this process; print what it took, and write the pairs."""
    with texts.open() as lines:
        contents = [json.loads(line) for line in lines]
    WAYS[way](contents[:BATCH])  # what is loaded once is not counted
    before, begun = peak_bytes(), core_seconds()
    found = WAYS[way](contents)
    taken = {"seconds": core_seconds() - begun, "bytes": peak_bytes() - before}
    np.save(pairs, found)
    print(json.dumps(taken))  # noqa: T201


def distinct_texts(contents: list[str]) -> tuple[Shingles, NDArray[np.int64]]:
    """Cut every different text into its distinct runs; return these and each page's text."""
    number: dict[str, int] = {}
    text = np.array([number.setdefault(one, len(number)) for one in contents])
    texts = list(number)
    parts = [shingles(texts[i : i + BATCH], "words", SIZE).distinct() for i in range(0, len(texts), BATCH)]
    return concatenate(parts), text


def true_pairs(sets: Shingles) -> Pairs:
    """Find every pair of sets that share JACCARD, by the rarest runs of each: exactly, without MinHash."""
    _, run, count = np.unique(sets.hashes, return_inverse=True, return_counts=True)
    sizes = np.diff(sets.offsets)
    document = np.repeat(np.arange(len(sizes)), sizes)
    order = np.lexsort((run, count[run], document))
    place = np.arange(len(run)) - np.repeat(sets.offsets[:-1], sizes)
    least = np.ceil(JACCARD * sizes - 1e-9).astype(np.int64)  # that two share
    prefix = order[place < np.repeat(sizes - least + 1, sizes)]
    prefix = prefix[np.lexsort((document[prefix], run[prefix]))]
    owner, ranked = document[prefix], run[prefix]
    found, step, some = [np.zeros(0, np.int64)], 1, np.arange(len(owner))
    while len(some):  # those that have one `step` further in the list of their run
        some = some[some + step < len(owner)]
        some = some[ranked[some + step] == ranked[some]]
        one, other = owner[some], owner[some + step]
        small, large = np.minimum(sizes[one], sizes[other]), np.maximum(sizes[one], sizes[other])
        fits = small >= JACCARD * large
        found.append(one[fits] * len(sizes) + other[fits])
        step += 1
        if len(found) > BATCH:
            found = [np.unique(np.concatenate(found))]
    pairs = np.stack(np.divmod(np.unique(np.concatenate(found)), len(sizes)), axis=1)
    blocks = [pairs[i : i + BATCH * 8] for i in range(0, len(pairs), BATCH * 8)]
    shared = [jaccards(sets, block[:, 0], block[:, 1]) for block in blocks]
    return pairs[np.concatenate([np.zeros(0), *shared]) >= JACCARD]


def families(n: int, pairs: Pairs) -> NDArray[np.int64]:
    """Return the first of each one's family."""
    joined = single_linkage(n, pairs.max(axis=1), pairs.min(axis=1), np.ones(len(pairs)))
    first = kept_witness(joined.witness, joined.witness < 0)
    return np.where(first < 0, np.arange(n), first)


def quality(pairs: Pairs, sets: Shingles, text: NDArray[np.int64], truth: Pairs) -> tuple[float, float]:
    """Return the recall of true pairs, by families of pairs that are right, and the precision of pairs."""
    of_texts = text[pairs]
    of_texts = np.unique(np.sort(of_texts[of_texts[:, 0] != of_texts[:, 1]], axis=1), axis=0)
    blocks = [of_texts[i : i + BATCH * 8] for i in range(0, len(of_texts), BATCH * 8)]
    shared = np.concatenate([np.ones(0), *(jaccards(sets, block[:, 0], block[:, 1]) for block in blocks)])
    first = families(len(sets.offsets) - 1, of_texts[shared >= JACCARD])
    recall = float((first[truth[:, 0]] == first[truth[:, 1]]).mean()) if len(truth) else 1.0
    return recall, float((shared >= JACCARD).mean()) if len(shared) else 1.0


def compare(contents: list[str], repetitions: int, peer: str) -> None:
    """Run every way in turn, and print what each took and found."""
    n, n_bytes = len(contents), sum(len(text.encode()) for text in contents)
    sets, text = distinct_texts(contents)
    truth = true_pairs(sets)
    n_texts = len(sets.offsets) - 1
    print(f"{n:,} pages, {n_bytes / 1e6:,.1f} MB, {n_texts:,} texts, {len(truth):,} true pairs of these")  # noqa: T201
    taken: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    medians: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        texts, pairs = Path(folder) / "texts.jsonl", Path(folder) / "pairs.npy"
        texts.write_text("".join(f"{json.dumps(text)}\n" for text in contents))
        for number in range(repetitions):
            for way in WAYS:
                interpreter = peer if way == "datasketch" else sys.executable
                command = [interpreter, __file__, "--way", way, "--texts", str(texts), "--pairs", str(pairs)]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                taken[way].append(json.loads(done.stdout))
                if number < repetitions - 1:
                    continue
                recall, precision = quality(np.load(pairs), sets, text, truth)
                seconds = sorted(one["seconds"] for one in taken[way])
                medians[way] = middle = statistics.median(seconds)
                held = statistics.median(one["bytes"] for one in taken[way]) / n
                print(  # noqa: T201
                    f"{way:>24}: {middle:.2f} core-seconds ({seconds[0]:.2f} to {seconds[-1]:.2f}), "
                    f"{n / middle:,.0f} pages and {n_bytes / 1e6 / middle:,.1f} MB per core-second, "
                    f"recall {recall:.4f}, precision {precision:.4f}, {held:,.0f} bytes per page"
                )
    for way in list(WAYS)[:2]:
        print(f"datasketch / {way}: {medians['datasketch'] / medians[way]:.1f}")  # noqa: T201


def main() -> None:
    """Compare, or do the work of one way for a process that does."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    environment = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib")]
    options.add_argument("--folder", type=Path, action="append", help="default: this environment's code")
    options.add_argument("--pages", type=int, default=50_000)
    options.add_argument("--repetitions", type=int, default=3)
    options.add_argument("--peer", default=sys.executable, help="the interpreter that has datasketch")
    options.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    options.add_argument("--texts", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--pairs", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.way:
        measure_way(given.way, given.texts, given.pairs)
        return
    compare(pages(given.folder or environment, given.pages), given.repetitions, given.peer)


if __name__ == "__main__":
    main()
