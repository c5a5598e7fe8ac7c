# pyright: standard, reportMissingTypeStubs=false, reportAttributeAccessIssue=false
# (pyarrow has no types)
"""A mixture of a lake: what was kept and dropped, by source file and record, and its documents one by one."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from guyot.lake.document_batches import NAMES, document_batches
from guyot.lake.names import DOC_ID, DOCUMENTS, IMAGES, KEPT
from guyot.lake.versions import Version, Versions
from guyot.recipe import Recipe
from guyot.train.epoch_order import Shuffle

if TYPE_CHECKING:
    from guyot.lake.torch_dataset import MixtureDataset


@dataclass(frozen=True)
class LakeDocument:
    """A document that a mixture keeps: record_key is empty for a file that is one document.

    text : of an image its caption, which may be empty
    image : the encoded image, as it was found; None in a lake of texts
    """

    doc_id: str
    source: str
    record_key: str
    kind: str
    text: str
    image: bytes | None = None


@dataclass(frozen=True, repr=False)
class LakeMixture:
    """One version of a mixture, with the documents of the snapshot that it was cut from.

    Rows are in the order of the source: shard by shard, each in the order of its files.
    """

    version: Version
    _versions: Versions

    @property
    def recipe(self) -> Recipe:
        """The recipe, as it was applied."""
        return Recipe.from_json(json.dumps(self.version.facts["recipe"]))

    @property
    def kept(self) -> pa.Table:
        """The documents that it keeps: doc_id, source, record_key, kind, score, threshold."""
        return self.rows.filter(self.rows[KEPT]).drop_columns([KEPT, "step", "reason", "witness"])

    @property
    def dropped(self) -> pa.Table:
        """The other documents, held-out ones too, with step, reason, score, threshold and witness."""
        return self.rows.filter(pc.invert(self.rows[KEPT])).drop_columns([KEPT])

    def documents(self) -> Iterator[LakeDocument]:
        """Yield the documents that it keeps, in the order of `kept`, reading some at a time."""
        for batch in self._batches():
            for row in batch.to_pylist():
                yield LakeDocument(*row.values())

    def export(
        self, folder: str | PathLike[str], form: str = "parquet", *, documents_per_file: int = 50_000
    ) -> int:
        """Write the documents that it keeps in a trainer's format, each with its doc_id; return their number.

        In a lake of images each image goes with its caption, encoded as it was found.

        Parameters
        ----------
        folder : a new one; it appears when all is written
        form : parquet, jsonl.zst, hf, webdataset or mds; the last three need their own library, see
            `guyot.lake.export.FORMATS`
        documents_per_file : at most, where the format has several files

        Raises
        ------
        SettingError : there is no such format, its library is missing, it holds no images, or the folder has
            something in it.
        """
        from guyot.lake.export import COLUMNS, IMAGE_COLUMN, export

        about = {"recipe": self.version.key, "mixture_version": self.version.name}
        names = [*COLUMNS, *([IMAGE_COLUMN] if self.has_images else [])]
        batches = (batch.rename_columns(names) for batch in self._batches())
        return export(
            batches, Path(folder), form,
            about=about, documents_per_file=documents_per_file, has_images=self.has_images,
        )  # fmt: skip

    @cached_property
    def has_images(self) -> bool:
        """Whether its documents are images."""
        return any(self._versions.has(shard, IMAGES) for shard in self.shards())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        """Read the documents that it keeps, some at a time."""
        ids = np.sort(ids_of(self.decisions.filter(self.decisions[KEPT])[DOC_ID]))
        for shard in self.shards():
            for batch in document_batches(self._versions, shard, has_images=self.has_images):
                wanted = np.isin(ids_of(batch[DOC_ID]), ids, assume_unique=True)
                yield batch.filter(pa.array(wanted))

    def texts(self) -> Iterator[str]:
        """Yield the texts of `documents`."""
        for document in self.documents():
            yield document.text

    def torch_dataset(
        self,
        rank: int = 0,
        world_size: int = 1,
        *,
        context_length: int | None = None,
        seed: int = 0,
        epochs: int | None = None,
        train_tokens: int | None = None,
        segment_tokens: int | None = None,
        repeats: Mapping[str, int] | None = None,
        shuffle: Shuffle = Shuffle(),  # noqa: B008  it is frozen
        batch_size: int = 1,
        from_sample: int = 0,
    ) -> "MixtureDataset":
        """Return an IterableDataset of what the mixture keeps, for a DataLoader; needs torch.

        A sample is a window of token ids, int64[context_length]: the stored tokens of documents one after
        the other, each beginning with the tokenizer's <|bos|>, without padding. Without a context length it
        is a document, a dict of doc_id and text, and in a lake of images of image, the encoded bytes.
        Nothing is rewritten: the lake's own files are read, a group of blocks at a time
        (`guyot.train.Shuffle`), without the row groups of which nothing is kept.

        Parameters
        ----------
        rank, world_size : this process among those that train together. The order of samples is one for all;
            rank r has those whose number is r more than a multiple of world_size
        context_length : tokens of a window
        seed : of the order; recipes of the same snapshot and seed read what they share in the same order
        epochs : how often all is read, 1 by default
        train_tokens : the budget in tokens, instead; less than a window at its end is not read
        segment_tokens : a longer document is read in pieces of so many tokens, each at its own place
        repeats : by kind of document, how often an epoch reads it; 1 where none is given
        shuffle : how far documents are mixed, and what is held in memory
        batch_size : the DataLoader's, so that its batches are the same for any number of workers
        from_sample : samples that all ranks together have read before

        Returns
        -------
        MixtureDataset, with `state_dict` and `load_state_dict`, also for torchdata's StatefulDataLoader. A
        state holds the position in the one order, so ranks may be more or fewer when it is loaded.

        Raises
        ------
        MissingError : the lake has no tokens of these documents.
        SettingError : arguments that do not go together, or nothing to read.

        Notes
        -----
        Ranks have as many samples each, or one less: a budget of a multiple of world_size x batch_size x
        context_length tokens gives all the same. Ranks and workers each decode all tokens.
        """
        from guyot.lake.torch_dataset import Reading, dataset_of

        reading = Reading(context_length, seed, epochs, train_tokens, segment_tokens, repeats or {}, shuffle)
        return dataset_of(
            self, self._versions, reading,
            rank=rank, world_size=world_size, batch_size=batch_size, from_sample=from_sample,
        )  # fmt: skip

    @cached_property
    def decisions(self) -> pa.Table:
        """What was decided about each document, by doc_id: the table as it is stored."""
        return self._versions.rows(self.version)

    def __len__(self) -> int:
        """Count the documents that it keeps."""
        return int(self.version.facts["n_kept"])

    def __repr__(self) -> str:
        """Describe how much is kept."""
        facts = self.version.facts
        return (
            f"Mixture {self.version.key}, version {self.version.name}: kept {facts['n_kept']:,} of "
            f"{facts['n_eligible']:,} documents, {facts['kept_units']:,} of {facts['total']:,} "
            f"{facts['unit']}"
        )

    @cached_property
    def rows(self) -> pa.Table:
        """The decisions, in the order of the source."""
        found = pa.concat_tables([self._versions.rows(shard, NAMES) for shard in self.shards()])
        decided = ids_of(self.decisions[DOC_ID])
        order = np.argsort(decided)
        at = order[np.searchsorted(decided, ids_of(found[DOC_ID]), sorter=order)]
        decisions = self.decisions.take(pa.array(at))
        for name in decisions.column_names:
            found = found if name == DOC_ID else found.append_column(name, decisions[name])
        return found

    def shards(self, table: str = DOCUMENTS) -> Iterator[Version]:
        """Yield a table's versions of the snapshot, shard by shard."""
        snapshot = self.version.facts["snapshot"]
        for shard in sorted(snapshot):
            yield self._versions.version(table, shard, snapshot[shard][table])


def ids_of(column: pa.ChunkedArray | pa.Array) -> NDArray[np.bytes_]:
    """Turn a column of doc_ids into bytes, S32[n]."""
    return np.asarray(column.to_numpy(zero_copy_only=False), "S32")
