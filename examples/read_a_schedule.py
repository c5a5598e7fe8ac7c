"""A training loop's view of a finished lake: the documents of a mixture in the order of their epochs.

    python examples/read_a_schedule.py LAKE RECIPE

Needs `guyot[lake]`; no Dagster.
"""

import itertools
import sys

import guyot

if __name__ == "__main__":
    lake = guyot.open_lake(sys.argv[1])  # a folder, or s3://bucket/prefix
    mixture = lake.mixture(sys.argv[2])
    print(mixture)  # noqa: T201
    for one in itertools.islice(lake.schedule(sys.argv[2]), 10):
        place = f"{one.n_tokens} tokens from token {one.first_token}"
        print(f"epoch {one.epoch}: {one.doc_id}, {place}")  # noqa: T201
    for document in itertools.islice(mixture.documents(), 3):  # read some at a time, in the source's order
        print(f"{document.source}#{document.record_key}: {document.text[:60]!r}")  # noqa: T201
