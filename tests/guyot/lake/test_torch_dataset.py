"""The torch dataset: the mixture's own tokens in the schedule's order, over any ranks, workers and resumes."""

import itertools
import multiprocessing
import os
import pickle  # noqa: TID251  what torch does to a dataset of a spawned worker
import subprocess
import sys
from typing import Any

import pyarrow.fs as pf
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support.lake import graph_lake
from torch.utils.data import DataLoader
from torch.utils.data._utils import worker as torch_worker

import guyot
from assets.graph.lake import LakeResources as GraphLake
from guyot.errors import MissingError, SettingError
from guyot.lake.mixture import LakeMixture
from guyot.lake.torch_dataset import MixtureDataset
from guyot.train.epoch_order import Shuffle

LENGTH = 16


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> GraphLake:
    return graph_lake(tmp_path_factory)


@pytest.fixture(scope="module")
def mixture(made: GraphLake) -> LakeMixture:
    return guyot.open_lake(made.store.root).mixture("semdedup")


@pytest.fixture(scope="module")
def dataset(mixture: LakeMixture) -> MixtureDataset:
    return mixture.torch_dataset(context_length=LENGTH, epochs=2)


@pytest.fixture(scope="module")
def windows(dataset: MixtureDataset) -> list[list[int]]:
    return [sample.tolist() for sample in dataset]


def part(dataset: MixtureDataset, **split: int) -> MixtureDataset:
    """Return a dataset of the same samples, split otherwise."""
    return MixtureDataset(dataset._source, dataset._identity, **split)


def stored_tokens(made: GraphLake) -> dict[str, list[int]]:
    """Read the tokens of every document of the lake."""
    tables = [
        made.store.table(made.store.required("quality_signals", shard), "token_ids.parquet")
        for shard in made.shards()
    ]
    return {row["doc_id"]: row["ids"] for table in tables for row in table.to_pylist()}


def test_an_epoch_is_the_tokens_of_all_that_is_kept_each_document_whole(
    made: GraphLake, mixture: LakeMixture
) -> None:
    tokens = stored_tokens(made)
    kept = [tokens[doc_id] for doc_id in mixture.kept["doc_id"].to_pylist()]
    stream = [token for sample in mixture.torch_dataset(context_length=1) for token in sample.tolist()]
    bos = kept[0][0]
    begins = [place for place, token in enumerate(stream) if token == bos] + [len(stream)]
    documents = [stream[begin:end] for begin, end in itertools.pairwise(begins)]
    assert sorted(documents) == sorted(kept)
    assert documents != kept


def test_with_the_graphs_settings_it_reads_what_the_graphs_training_read(
    made: GraphLake, mixture: LakeMixture
) -> None:
    tokens, settings = stored_tokens(made), made.settings
    read = [
        token
        for one in guyot.open_lake(made.store.root).schedule("semdedup")
        for token in tokens[one.doc_id][one.first_token : one.first_token + one.n_tokens]
    ]
    found = mixture.torch_dataset(
        context_length=LENGTH, seed=settings.seed, train_tokens=settings.training.tokens,
        segment_tokens=settings.training.segment_tokens,
    )  # fmt: skip
    samples = list(found)
    assert len(samples) == len(found) == 2000 // LENGTH
    assert {(sample.dtype, tuple(sample.shape)) for sample in samples} == {(torch.int64, (LENGTH,))}
    assert torch.cat(samples).tolist() == read[: 2000 // LENGTH * LENGTH]


@given(world_size=st.integers(1, 7), workers=st.integers(1, 4), batch_size=st.integers(1, 3), data=st.data())
def test_every_sample_is_read_once_over_any_ranks_workers_and_elastic_changes(
    dataset: MixtureDataset, windows: list[list[int]], world_size: int, workers: int, batch_size: int,
    data: st.DataObject,
) -> None:  # fmt: skip
    first = data.draw(st.integers(0, len(windows)))
    read: list[list[int]] = []
    # ranks without workers up to a step, and then other ranks with workers
    position = 0
    while position < first:
        ranks = data.draw(st.integers(1, 4))
        steps = data.draw(st.integers(1, 20))
        states = set()
        taken = []
        for rank in range(ranks):
            own = part(dataset, rank=rank, world_size=ranks)
            own.load_state_dict({**own.state_dict(), "position": position})
            samples = list(itertools.islice(own, steps))
            taken += [(turn, rank, sample.tolist()) for turn, sample in enumerate(samples)]
            if len(samples) == steps:
                states.add(own.state_dict()["position"])
        read += [sample for *_, sample in sorted(taken)]
        position = min(position + ranks * steps, len(windows))
        assert states <= {position}
    rest: dict[int, list[int]] = {}
    for rank, worker in itertools.product(range(world_size), range(workers)):
        own = part(dataset, rank=rank, world_size=world_size, batch_size=batch_size, from_sample=position)
        found = in_worker(own, worker, workers)
        turns = [t for t in range(len(windows)) if t // batch_size % workers == worker]
        rest.update({position + t * world_size + rank: s for t, s in zip(turns, found, strict=False)})
    assert [rest[number] for number in sorted(rest)] == windows[position:]
    assert read == windows[:position]


def in_worker(dataset: MixtureDataset, number: int, workers: int, n: int | None = None) -> list[list[int]]:
    """Iterate as a DataLoader's worker does, in this process."""
    torch_worker._worker_info = torch_worker.WorkerInfo(
        id=number, num_workers=workers, seed=0, dataset=dataset
    )
    try:
        return [sample.tolist() for sample in itertools.islice(dataset, n)]
    finally:
        torch_worker._worker_info = None


@given(
    workers=st.integers(1, 3),
    batch_size=st.integers(1, 3),
    taken=st.lists(st.integers(0, 9), min_size=3, max_size=3),
)
def test_workers_go_on_from_states_of_their_own(
    dataset: MixtureDataset, workers: int, batch_size: int, taken: list[int]
) -> None:
    for worker in range(workers):
        split = {"rank": 1, "world_size": 2, "batch_size": batch_size}
        whole = in_worker(part(dataset, **split), worker, workers)
        own = part(dataset, **split)
        before = in_worker(own, worker, workers, taken[worker])
        again = part(dataset, **split)
        torch_worker._worker_info = torch_worker.WorkerInfo(
            id=worker, num_workers=workers, seed=0, dataset=own
        )
        try:
            again.load_state_dict(own.state_dict())
            with pytest.raises(
                SettingError, match=r"a worker's state of .* give the samples .* as from_sample"
            ):
                part(dataset, **{**split, "rank": 0}).load_state_dict(own.state_dict())
        finally:
            torch_worker._worker_info = None
        assert before + in_worker(again, worker, workers) == whole


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_a_data_loader_gives_the_same_batches_with_any_workers(
    dataset: MixtureDataset, windows: list[list[int]], how: str
) -> None:
    batches = [torch.tensor(windows[begin : begin + 4]).tolist() for begin in range(0, len(windows), 4)]
    context = multiprocessing.get_context(how)
    for workers in (0, 2) if how == "fork" else (2,):
        loader = DataLoader(
            part(dataset, batch_size=4), batch_size=4, num_workers=workers,
            multiprocessing_context=context if workers else None,
        )  # fmt: skip
        found = [batch.tolist() for batch in loader]
        assert found == batches


def test_another_iteration_begins_at_the_start(dataset: MixtureDataset, windows: list[list[int]]) -> None:
    own = part(dataset)
    assert len(list(itertools.islice(own, 3))) == 3
    assert next(iter(own)).tolist() == windows[0]
    own.load_state_dict({**own.state_dict(), "position": 5})
    assert next(iter(own)).tolist() == windows[5]
    assert len(list(own)) == len(windows) - 5 == len(own)
    assert own.state_dict()["position"] == len(windows)
    ended = part(dataset)
    ended.load_state_dict(own.state_dict())
    assert list(ended) == []


@pytest.mark.parametrize("workers", [0, 2])
def test_torchdatas_loader_goes_on_where_it_stopped(
    dataset: MixtureDataset, windows: list[list[int]], workers: int
) -> None:
    stateful = pytest.importorskip("torchdata.stateful_dataloader")

    def loader() -> Any:
        return stateful.StatefulDataLoader(part(dataset, batch_size=2), batch_size=2, num_workers=workers)

    whole = [batch.tolist() for batch in loader()]
    stopped = loader()
    before = [batch.tolist() for batch in itertools.islice(stopped, 5)]
    state = stopped.state_dict()
    again = loader()
    again.load_state_dict(state)
    assert before + [batch.tolist() for batch in again] == whole
    assert sorted(sum(whole, [])) == sorted(windows)


def test_documents_come_where_no_context_length_is_given(mixture: LakeMixture) -> None:
    texts = {document.doc_id: document.text for document in mixture.documents()}
    found = list(mixture.torch_dataset(epochs=2))
    for epoch in (found[: len(texts)], found[len(texts) :]):
        assert {sample["doc_id"]: sample["text"] for sample in epoch} == texts
        assert len(epoch) == len(texts)
    assert found[: len(texts)] != found[len(texts) :]
    (batch,) = itertools.islice(DataLoader(mixture.torch_dataset(1, 2), batch_size=3), 1)
    assert batch["doc_id"] == [sample["doc_id"] for sample in found[1:6:2]]


def test_kinds_are_repeated_as_asked(mixture: LakeMixture) -> None:
    kinds = dict(zip(*(mixture.kept[name].to_pylist() for name in ("doc_id", "kind")), strict=True))
    assert len(set(kinds.values())) > 1
    read = [sample["doc_id"] for sample in mixture.torch_dataset(repeats={"python": 3, "text": 0})]
    times = {doc_id: {"python": 3, "text": 0}.get(kind, 1) for doc_id, kind in kinds.items()}
    assert {doc_id: read.count(doc_id) for doc_id in times} == times


def test_a_small_group_reads_the_same_documents_in_another_order(
    mixture: LakeMixture, dataset: MixtureDataset, windows: list[list[int]]
) -> None:
    other = mixture.torch_dataset(context_length=LENGTH, epochs=2, shuffle=Shuffle(8, 2))
    found = [sample.tolist() for sample in other]
    assert found != windows
    assert len(found) == len(windows)
    with pytest.raises(SettingError, match="load it into the dataset that it was taken of"):
        other.load_state_dict(dataset.state_dict())


def test_a_longer_budget_goes_on_from_the_state_of_a_shorter(mixture: LakeMixture) -> None:
    short = mixture.torch_dataset(context_length=LENGTH, train_tokens=160)
    long = mixture.torch_dataset(context_length=LENGTH, train_tokens=320)
    read = [sample.tolist() for sample in short]
    long.load_state_dict(short.state_dict())
    whole = mixture.torch_dataset(context_length=LENGTH, train_tokens=320)
    assert read + [sample.tolist() for sample in long] == [sample.tolist() for sample in whole]


def test_it_is_small_when_it_is_sent_to_a_worker(mixture: LakeMixture) -> None:
    assert mixture.kept is not None
    sent = pickle.dumps(mixture.torch_dataset(context_length=LENGTH))
    assert [s.tolist() for s in pickle.loads(sent)][:3] == [
        s.tolist() for s in itertools.islice(mixture.torch_dataset(context_length=LENGTH), 3)
    ]
    n_rows = mixture.torch_dataset(context_length=LENGTH)._source.schedule.n_documents
    assert len(sent) < 40 * n_rows + 20_000


def test_a_lake_on_s3_gives_the_same_samples(made: GraphLake, windows: list[list[int]], bucket: str) -> None:
    remote = pf.S3FileSystem(endpoint_override=os.environ["AWS_ENDPOINT_URL"], region="us-east-1")
    for table in ("raw_shards", "pruned_mixtures/semdedup", "quality_signals"):
        pf.copy_files(
            f"{made.store.root}/{table}", f"{bucket.removeprefix('s3://')}/a lake/{table}",
            source_filesystem=pf.LocalFileSystem(), destination_filesystem=remote,
        )  # fmt: skip
    there = guyot.open_lake(f"{bucket}/a lake").mixture("semdedup")
    assert [s.tolist() for s in there.torch_dataset(context_length=LENGTH, epochs=2)] == windows
    assert len(list(there.torch_dataset())) == len(there)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"train_tokens": 9}, "train_tokens=9, segment_tokens=None without a context_length"),
        ({"segment_tokens": 9}, "segment_tokens=9 without a context_length"),
        ({"context_length": 0}, "context_length=0; a window has"),
        ({"context_length": 4, "epochs": 1, "train_tokens": 9}, "epochs=1, train_tokens=9; give one"),
        ({"context_length": 4, "train_tokens": 0}, "train_tokens=0; at least 1"),
        ({"epochs": 0}, "epochs=0"),
        ({"rank": 2, "world_size": 2}, "rank=2 of world_size=2"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"from_sample": -1}, "from_sample=-1"),
    ],
)
def test_arguments_that_do_not_go_together(mixture: LakeMixture, arguments: Any, says: str) -> None:
    with pytest.raises(SettingError, match=says):
        mixture.torch_dataset(**arguments)


def test_a_lake_without_tokens(made: GraphLake, tmp_path: Any) -> None:
    import shutil

    for table in ("raw_shards", "pruned_mixtures", "quality_signals"):
        shutil.copytree(f"{made.store.root}/{table}", tmp_path / table)
    for path in (tmp_path / "quality_signals").rglob("token_ids.parquet"):
        path.unlink()
    mixture = guyot.open_lake(tmp_path).mixture("d4")
    with pytest.raises(MissingError, match="the tokens of mixture d4 were asked for; .* none of"):
        mixture.torch_dataset(context_length=4)
    assert len(list(mixture.torch_dataset())) == len(mixture)


def test_three_lines_from_a_lake_to_a_data_loader_without_dagster(made: GraphLake) -> None:
    script = (
        "import sys, guyot; from torch.utils.data import DataLoader\n"
        "dataset = guyot.open_lake(sys.argv[1]).mixture('d4').torch_dataset(context_length=32, batch_size=4)\n"
        "loader = DataLoader(dataset, batch_size=4)\n"
        "print(next(iter(loader)).shape, [m for m in ('dagster', 'duckdb', 'boto3') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, made.store.root], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "torch.Size([4, 32]) []"
