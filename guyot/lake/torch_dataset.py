# pyright: standard, reportMissingTypeStubs=false
# (pyarrow has no types)
"""A mixture as a torch dataset: one order of samples, split over ranks and workers, resumed at any one.

Imports torch; it is loaded when `LakeMixture.torch_dataset` is first called.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import IterableDataset, get_worker_info

from guyot.errors import MissingError, SettingError
from guyot.lake.mixture import LakeMixture
from guyot.lake.names import CONTENT, DOC_ID, DOCUMENTS, IDS, IMAGE, IMAGES, ROWS, TOKEN_IDS
from guyot.lake.reading import Reading
from guyot.lake.row_groups import RowGroups
from guyot.lake.samples import Documents, TokenWindows
from guyot.lake.versions import Versions


class MixtureDataset(IterableDataset[Any]):
    """Samples of a mixture; see `LakeMixture.torch_dataset`, which makes it.

    Of the samples from `from_sample` on, this rank has each `world_size`-th; of these the workers of a
    DataLoader take `batch_size` in turn, so that its batches are the same for any number of workers.

    Parameters
    ----------
    source : what is read
    identity : names what is read, so that a state is not loaded into another dataset
    rank, world_size, batch_size, from_sample : as `LakeMixture.torch_dataset`

    Raises
    ------
    SettingError : no such rank, or samples.

    Notes
    -----
    Each rank and each worker decodes the tokens of every group, since its samples come from all over it. A
    core decodes some 100 million tokens a second: this costs little until all ranks together read as many.
    """

    def __init__(
        self,
        source: TokenWindows | Documents,
        identity: Mapping[str, Any],
        *,
        rank: int = 0,
        world_size: int = 1,
        batch_size: int = 1,
        from_sample: int = 0,
    ) -> None:
        super().__init__()
        if not 0 <= rank < world_size:
            raise SettingError(f"rank={rank} of world_size={world_size}; ranks are 0 to world_size - 1")
        if batch_size < 1 or not 0 <= from_sample <= source.n_samples:
            raise SettingError(
                f"batch_size={batch_size}, from_sample={from_sample}; a batch has at least 1, and there are "
                f"{source.n_samples:,} samples"
            )
        self._source, self._identity = source, dict(identity)
        self._rank, self._world_size, self._batch_size = rank, world_size, batch_size
        self._start = self._position = from_sample
        self._is_resumed = True  # the first iteration begins at the position, those after it at the start

    @property
    def n_samples(self) -> int:
        """Count the samples of all ranks, from the first."""
        return self._source.n_samples

    def __len__(self) -> int:
        """Count the samples of this rank from the start on."""
        return max(0, -(-(self.n_samples - self._start - self._rank) // self._world_size))

    def __iter__(self) -> Iterator[Any]:
        """Yield samples: int64[context_length] token ids, or a dict of doc_id, text and maybe image."""
        if not self._is_resumed:
            self._position = self._start
        self._is_resumed = False
        for numbers, block in self._source.blocks(self._position, self._is_own):
            is_tokens = isinstance(block, np.ndarray)
            samples = torch.from_numpy(block.astype(np.int64)).unbind(0) if is_tokens else block
            passed = self._start + ((numbers - self._start) // self._world_size + 1) * self._world_size
            passed = np.minimum(passed, self.n_samples).tolist()
            for self._position, sample in zip(passed, samples, strict=True):
                yield sample
        self._position = self.n_samples

    def state_dict(self) -> dict[str, Any]:
        """Return the position: how many samples of the global order all ranks have read, if all are as far.

        It loads into a dataset of any rank and world size, but where a DataLoader's workers hold it: those
        states are each of a worker, and fit the same ranks, workers and batches alone.
        """
        return {
            "position": self._position,
            "start": self._start,
            "split": self._split(),
            "reads": self._identity,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where a state was taken: the next iteration begins there.

        Raises
        ------
        SettingError : the state is of another mixture, order or length, or of a worker of another split.
        """
        if state["reads"] != self._identity:
            raise SettingError(
                f"a state of {self._identity} was asked for; this one is of {state['reads']}; load it into "
                "the dataset that it was taken of"
            )
        if get_worker_info() is None:
            self._start = state["position"]
        elif state["split"] != self._split():
            raise SettingError(
                f"a worker's state of {self._split()} was asked for; this one is of {state['split']}; give "
                "the samples that all ranks have read as from_sample, to a new DataLoader"
            )
        else:
            self._start = state["start"]
        self._position, self._is_resumed = state["position"], True

    def _split(self) -> dict[str, int]:
        """Return what the split of samples over ranks and workers depends on."""
        worker = get_worker_info()
        workers = (
            {"workers": worker.num_workers, "worker": worker.id} if worker else {"workers": 0, "worker": 0}
        )
        ranks = {"rank": self._rank, "world_size": self._world_size}
        return {**ranks, **workers, "batch_size": self._batch_size}

    def _is_own(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which samples are of this rank and worker."""
        turn, rank = np.divmod(numbers - self._start, self._world_size)
        own = rank == self._rank
        worker = get_worker_info()
        if worker is not None:
            own &= turn // self._batch_size % worker.num_workers == worker.id
        return own


def dataset_of(mixture: LakeMixture, versions: Versions, reading: Reading, **split: int) -> MixtureDataset:
    """Make the dataset that `LakeMixture.torch_dataset` describes."""
    rows, schedule = reading.planned(mixture, versions)
    if reading.context_length is not None:
        missing = [shard.key for shard in rows.shards if not versions.has(shard, TOKEN_IDS)]
        if missing:
            raise MissingError(
                f"the tokens of mixture {mixture.version.key} were asked for; the lake {versions.place} has "
                f"none of {len(missing)} of {len(rows.shards)} shards, such as {missing[0]}; build "
                "quality_signals and what follows it again"
            )
        paths = tuple(f"{shard.folder}/{TOKEN_IDS}" for shard in rows.shards)
        stored = RowGroups(versions.place, paths, rows.begins, (IDS,))
        source = TokenWindows(schedule, stored, reading.context_length)
    else:
        shards = list(mixture.shards(DOCUMENTS))

        def stored_in(file: str, *columns: str) -> RowGroups:
            paths = tuple(f"{shard.folder}/{file}" for shard in shards)
            return RowGroups(versions.place, paths, rows.begins, columns)

        parts: dict[tuple[str, ...], RowGroups] = {(DOC_ID, "text"): stored_in(ROWS, DOC_ID, CONTENT)}
        if mixture.has_images:
            parts[(IMAGE,)] = stored_in(IMAGES, IMAGE)
        source = Documents(schedule, parts)
    return MixtureDataset(source, reading.identity(mixture), **split)
