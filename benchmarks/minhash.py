"""MinHash over real text: CPU time from texts to candidate pairs, beside datasketch's, at equal recall.

python benchmarks/minhash.py [--documents 4000] [--repetitions 3]

Both take word 5-shingles, 128 permutations and 25 bands of 5. The pairs sought are those that either
finds and that share 0.8 of their shingles exactly. The exact comparison, which datasketch has not, is
timed apart.
"""

import argparse
import statistics
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from guyot.prune.near_duplicates.jaccards import jaccards
from guyot.text.lsh import bands_for, candidates
from guyot.text.minhash_signatures import N_PERMUTATIONS, signatures
from guyot.text.shingles import Shingles, shingles

JACCARD = 0.8
SIZE = 5
BATCH = 512
Pairs = set[tuple[int, int]]


def texts(most: int) -> list[str]:
    """Read Python files of this environment, in the order of their names."""
    folders = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib")]
    files = sorted({file for folder in folders for file in folder.rglob("*.py")})[:most]
    return [file.read_text(encoding="utf-8", errors="replace") for file in files]


def ours(contents: list[str]) -> Pairs:
    """Find candidates as Guyot does."""
    batches = range(0, len(contents), BATCH)
    signed = [signatures(shingles(contents[i : i + BATCH], "words", SIZE)) for i in batches]
    return {(int(a), int(b)) for a, b in candidates(np.concatenate(signed), JACCARD)}


def datasketch(contents: list[str]) -> Pairs:
    """Find candidates as datasketch's own guide does."""
    from datasketch import MinHash, MinHashLSH

    bands = bands_for(JACCARD)
    index = MinHashLSH(num_perm=N_PERMUTATIONS, params=(bands.n_bands, bands.n_rows))
    found: Pairs = set()
    for number, text in enumerate(contents):
        words = text.split()
        signed = MinHash(num_perm=N_PERMUTATIONS)
        signed.update_batch(
            {" ".join(words[i : i + SIZE]).encode() for i in range(max(1, len(words) - SIZE + 1))}
        )
        found |= {(other, number) for other in index.query(signed)}
        index.insert(number, signed)
    return found


def timed(work: Callable[[], Pairs], repetitions: int) -> tuple[Pairs, list[float]]:
    """Repeat work: (what it found, CPU seconds of all threads)."""
    seconds = []
    for _ in range(repetitions):
        begun = time.process_time()
        found = work()
        seconds.append(time.process_time() - begun)
    return found, seconds


def told(seconds: list[float]) -> str:
    """Write the median with the spread."""
    return f"{statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"


def linked(pairs: Pairs, contents: list[str]) -> tuple[Pairs, float]:
    """Compare pairs exactly: (those at the threshold, CPU seconds)."""
    begun = time.process_time()
    wanted = sorted({number for pair in pairs for number in pair})
    parts = [
        shingles([contents[number] for number in wanted[i : i + BATCH]], "words", SIZE).distinct()
        for i in range(0, len(wanted), BATCH)
    ]
    counts = np.concatenate([np.zeros(1, np.int64), *(np.diff(part.offsets) for part in parts)])
    none = np.zeros(0, np.uint64)
    sets = Shingles(np.concatenate([none, *(part.hashes for part in parts)]), np.cumsum(counts))
    rows = np.searchsorted(wanted, np.array(sorted(pairs)).reshape(-1, 2))
    similarity = jaccards(sets, rows[:, 0], rows[:, 1])
    found = {pair for pair, value in zip(sorted(pairs), similarity, strict=True) if value >= JACCARD}
    return found, time.process_time() - begun


def families(pairs: Pairs) -> set[int]:
    """Return the documents that go: the later one of each pair."""
    return {other for _, other in pairs}


def main() -> None:
    """Measure both and print the comparison."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--documents", type=int, default=4000)
    asked.add_argument("--repetitions", type=int, default=3)
    given = asked.parse_args()
    contents = texts(given.documents)
    print(f"{len(contents):,} files, {sum(map(len, contents)) / 1e6:,.1f} M characters")  # noqa: T201
    mine, my_seconds = timed(lambda: ours(contents), given.repetitions)
    theirs, their_seconds = timed(lambda: datasketch(contents), given.repetitions)
    truth, _ = linked(mine | theirs, contents)
    found, exact_seconds = linked(mine, contents)
    gone = families(truth)
    for name, pairs, seconds in (("guyot", mine, my_seconds), ("datasketch", theirs, their_seconds)):
        recall = len(families(pairs & truth) & gone) / max(1, len(gone))
        print(f"{name:>10}: {told(seconds)}, {len(pairs):,} candidates, {recall:.4f} of what goes")  # noqa: T201
    ratio = statistics.median(their_seconds) / statistics.median(my_seconds)
    whole = statistics.median(their_seconds) / (statistics.median(my_seconds) + exact_seconds)
    print(  # noqa: T201
        f"datasketch takes {ratio:.1f} times as long; comparing exactly adds {exact_seconds:.2f} s "
        f"({len(found):,} pairs), then {whole:.1f} times"
    )


if __name__ == "__main__":
    main()
