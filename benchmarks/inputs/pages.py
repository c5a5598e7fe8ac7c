"""Real pages for MinHash, and all pairs of them that are alike: `-m MODULE OUTPUT PAGES`.

Pages are the documentation, manuals and licences of this machine's packages: blocks of neighbouring files,
drawn
at random until there are as many; texts that come twice are taken once.
"""

import gzip
import itertools
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.inputs.documents import write_documents
from benchmarks.inputs.jaccard_truth import pairs_at
from guyot.seeds import generator

FOLDERS = ("/usr/share/doc", "/usr/share/man", "/usr/share/common-licenses")
BLOCK_FILES = 20
LEAST_WORDS, MOST_BYTES = 20, 50_000
JACCARD, WORDS = 0.8, 5


def files() -> list[Path]:
    """List the files of pages, block by block, the blocks in a random order."""
    found = sorted({path for root in FOLDERS for path in Path(root).rglob("*") if path.is_file()})
    blocks = [found[begin : begin + BLOCK_FILES] for begin in range(0, len(found), BLOCK_FILES)]
    return [path for number in generator(0, "pages").permutation(len(blocks)) for path in blocks[number]]


def pages() -> Iterator[str]:
    """Read the pages that are text and not too short or long, each text once."""
    seen: set[str] = set()
    for path in files():
        text = _text_of(path)
        if text and text not in seen and len(text.split()) >= LEAST_WORDS:
            seen.add(text)
            yield text


def _text_of(path: Path) -> str:
    """Read a file, packed or not; nothing where it is no UTF-8 text or too long."""
    if path.suffix in (".html", ".svg", ".js", ".css"):
        return ""
    try:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
        return data.decode("utf-8") if len(data) <= MOST_BYTES and b"\0" not in data else ""
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        return ""


if __name__ == "__main__":
    output, wanted = Path(sys.argv[1]), int(sys.argv[2])
    texts = list(itertools.islice(pages(), wanted))
    if len(texts) < wanted:
        sys.exit(f"{wanted:,} pages were asked for; {', '.join(FOLDERS)} have {len(texts):,}")
    write_documents(output, texts)
    np.save(output / "pairs.npy", pairs_at(texts, JACCARD, WORDS))
