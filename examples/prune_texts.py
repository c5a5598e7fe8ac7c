"""A recipe on texts of one's own: D4 to half of the documents, with a reason for each that goes.

python examples/prune_texts.py
"""

import guyot

FRUITS = ("apple", "pear", "plum", "quince", "fig", "grape", "cherry", "medlar")
TEXTS = [f"On day {day} they picked {day * 7} baskets of {fruit}s." for fruit in FRUITS for day in range(5)]

corpus = guyot.Corpus.from_texts(TEXTS)  # or from_jsonl, from_parquet, from_dataset, from_vectors
mixture = corpus.prune("d4", keep=0.5)  # a name, a step, or a Recipe; of documents, tokens or bytes

if __name__ == "__main__":
    print(mixture)  # noqa: T201
    for row in list(mixture.dropped)[:5]:
        print(f"{row['text']!r} went by {row['step']}, reason {row['reason']}")  # noqa: T201
        print(f"  {mixture.explain(row['row'])}")  # noqa: T201
