"""Short real documents, and edited copies among them: `-m MODULE OUTPUT DOCUMENTS SHARE_OF_COPIES`.

pairs.npy has the copies, alike.npy all pairs of an exact Jaccard similarity of word 5-shingles of .8 or
above.
"""

import sys
from pathlib import Path

import numpy as np

from benchmarks.inputs.documents import write_documents, write_models
from benchmarks.inputs.jaccard_truth import pairs_at
from benchmarks.inputs.planted_copies import with_copies
from benchmarks.inputs.wikipedia import summaries

JACCARD, WORDS = 0.8, 5

if __name__ == "__main__":
    output, n_documents, share = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    n_copies = round(share * n_documents)
    texts, pairs = with_copies(summaries(n_documents - n_copies), n_copies)
    write_documents(output, texts)
    write_models(output)
    np.save(output / "pairs.npy", pairs)
    if n_copies:
        np.save(output / "alike.npy", pairs_at(texts, JACCARD, WORDS))
