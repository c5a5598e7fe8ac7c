"""From a lake to a DataLoader: windows of a mixture's tokens, in one order for any number of processes.

    python examples/load_a_mixture.py LAKE RECIPE

Needs `guyot[train]`; no Dagster. Give the DataLoader num_workers=2 and more where reading should not wait.
"""

# ruff: noqa: T201  it prints

import itertools
import sys

from torch.utils.data import DataLoader

import guyot

if __name__ == "__main__":
    mixture = guyot.open_lake(sys.argv[1]).mixture(sys.argv[2])
    dataset = mixture.torch_dataset(rank=0, world_size=1, context_length=64, epochs=2, batch_size=4)
    for batch in itertools.islice(DataLoader(dataset, batch_size=4), 2):
        print(batch.shape, batch.dtype, batch[0, :8].tolist())
    state = dataset.state_dict()  # loads into a dataset of any rank and world_size
    print(f"{state['position']} of {dataset.n_samples} samples are read")
