"""A corpus: documents in memory, from which recipes make mixtures."""

from collections import Counter
from collections.abc import Iterable, Sequence
from os import PathLike, fspath
from typing import Self, Unpack

import numpy as np
from numpy.typing import NDArray

from guyot.corpus.columns import Columns
from guyot.corpus.mixture import Mixture
from guyot.corpus.options import Options
from guyot.corpus.progress import shown
from guyot.corpus.pruning import cut_by
from guyot.corpus.records import Rejected, Row, readable, rows_of, separate
from guyot.corpus.table import Table
from guyot.errors import ArrayError, SettingError
from guyot.prune import Step, Unit
from guyot.recipe import Recipe
from guyot.recipes import recipe_of
from guyot.vectors.exact import unit_float16

DEFAULT_KIND = "text"


class Corpus:
    """Documents in memory, in a fixed order: of equal documents the first is kept.

    Made by `from_texts`, `from_jsonl`, `from_parquet`, `from_dataset` or `from_vectors`; each takes the
    options of `guyot.corpus.options.Options`: encoder, tokens, n_clusters, seed, progress. What a recipe
    needs of the documents is computed when it is first needed, and kept: a second recipe costs what it needs
    more.

    rejected : a row for each record of a file that is no document, with the reason

    Examples
    --------
    >>> corpus = Corpus.from_texts(["one step", "another walk", "one step"])
    >>> mixture = corpus.prune("exact", keep=0.7)
    >>> mixture.mask.tolist(), mixture.explain(2)
    ([True, True, False], 'document 2 is dropped by exact: it is a byte for byte copy of document 0')
    """

    def __init__(self, columns: Columns, rejected: Sequence[Rejected] = ()) -> None:
        if not len(columns):
            raise SettingError(
                f"a corpus of 0 documents was asked for, {len(rejected)} records are none; give it at least 1"
            )
        self._columns = columns
        self.rejected = Table(
            {
                "record": np.array([one.record for one in rejected], np.int64),
                "reason": np.array([one.reason for one in rejected], np.object_),
                "detail": np.array([one.detail for one in rejected], np.object_),
            }
        )

    @classmethod
    def from_texts(
        cls,
        texts: Iterable[str],
        *,
        ids: Iterable[str] | None = None,
        kinds: Iterable[str] | None = None,
        vectors: NDArray[np.floating] | None = None,
        **options: Unpack[Options],
    ) -> Self:
        """Make a corpus of texts.

        Parameters
        ----------
        texts : n texts, at least one
        ids : n names, each once; by default the rows, "0", "1", ...
        kinds : n words such as "python" or "text", for recipes that treat kinds apart; by default "text"
        vectors : float32[n, d] or other floats, the texts' embeddings in place of an encoder's; they are
            scaled to unit length

        Raises
        ------
        ArrayError : lists of different lengths, an id that comes twice, or something that is no text.
        """
        documents = list(texts)
        readable(documents)
        named = _names(ids, len(documents), "ids") or [str(row) for row in range(len(documents))]
        if len(set(named)) < len(named):
            twice, times = Counter(named).most_common(1)[0]
            raise ArrayError(
                f"each of {len(named)} documents needs an id of its own; {twice!r} comes {times} times"
            )
        of_kind = _names(kinds, len(documents), "kinds") or [DEFAULT_KIND] * len(documents)
        return cls(Columns(documents, named, of_kind, options, _unit(vectors, len(documents))))

    @classmethod
    def from_vectors(
        cls,
        vectors: NDArray[np.floating],
        *,
        weights: Sequence[int] | NDArray[np.integer] | None = None,
        ids: Iterable[str] | None = None,
        **options: Unpack[Options],
    ) -> Self:
        """Make a corpus of vectors without texts; recipes that need texts raise an error.

        Parameters
        ----------
        vectors : float32[n, d] or other floats, none of zero length; scaled to unit length here
        weights : int[n], what each document counts for a target in tokens
        ids : n names; by default the rows

        Raises
        ------
        ArrayError : no matrix, a row without a direction, or lists of different lengths.
        """
        unit = _unit(vectors, len(vectors))
        named = _names(ids, len(vectors), "ids") or [str(row) for row in range(len(vectors))]
        if weights is not None:
            options["tokens"] = weights
        return cls(Columns(None, named, [DEFAULT_KIND] * len(named), options, unit))

    @classmethod
    def from_jsonl(
        cls,
        path: str | PathLike[str],
        *,
        text_column: str = "",
        id_column: str = "",
        **options: Unpack[Options],
    ) -> Self:
        """Read JSON lines, .jsonl, .jsonl.gz or .jsonl.zst; invalid records are listed in `rejected`.

        Parameters
        ----------
        text_column : by default text, else content
        id_column : by default id; a record without one has the number of its record, from 0

        Raises
        ------
        SettingError : no record is a document.
        """
        from guyot.corpus.json_lines import read_json_lines

        rows, rejected = separate(read_json_lines(fspath(path), text_column, id_column))
        return cls.from_rows(rows, rejected, **options)

    @classmethod
    def from_parquet(
        cls,
        path: str | PathLike[str],
        *,
        text_column: str = "",
        id_column: str = "",
        **options: Unpack[Options],
    ) -> Self:
        """Read a Parquet file; needs `guyot[parquet]`. As `from_jsonl`."""
        from guyot.corpus.parquet import read_parquet

        rows, rejected = separate(read_parquet(fspath(path), text_column, id_column))
        return cls.from_rows(rows, rejected, **options)

    @classmethod
    def from_dataset(
        cls,
        dataset: Iterable[object],
        *,
        text_column: str = "",
        id_column: str = "",
        **options: Unpack[Options],
    ) -> Self:
        """Take one split of a Hugging Face data set, or what yields dictionaries. As `from_jsonl`."""
        rows, rejected = separate(rows_of(dataset, text_column, id_column))
        return cls.from_rows(rows, rejected, **options)

    @classmethod
    def from_rows(
        cls, rows: Sequence[Row], rejected: Sequence[Rejected] = (), **options: Unpack[Options]
    ) -> Self:
        """Take records that were read, see `guyot.corpus.records`."""
        columns = Columns(
            [row.text for row in rows], [row.id for row in rows], [row.kind for row in rows], options
        )
        return cls(columns, rejected)

    def prune(
        self, recipe: str | Step | Recipe, keep: float | None = None, unit: Unit | None = None
    ) -> Mixture:
        """Apply a recipe.

        Parameters
        ----------
        recipe : a name of guyot/recipes.py, a step such as SemDeDup(), or a Recipe
        keep : the share to keep, met exactly; by default the recipe's own target
        unit : what it is a share of: "documents", "tokens" or "bytes"; by default documents, and without
            `keep` the recipe's own

        Raises
        ------
        SettingError : no such recipe, a target that cannot be met, or texts that are needed and not there.

        Notes
        -----
        Deterministic. Encoding takes the most time; duplicates are sought among all documents, O(n^2), and
        beyond 20,000 per cluster.
        """
        asked = recipe_of(recipe, keep, unit)
        if self._columns.options.get("progress", True):
            with shown(self._columns.progress):
                return Mixture(asked, cut_by(self._columns, asked), self._columns)
        return Mixture(asked, cut_by(self._columns, asked), self._columns)

    def __len__(self) -> int:
        """Count the documents."""
        return len(self._columns)

    def __repr__(self) -> str:
        """Describe the number of documents."""
        rejected = f", {len(self.rejected):,} records rejected" if len(self.rejected) else ""
        return f"Corpus of {len(self):,} documents{rejected}"


def _names(given: Iterable[str] | None, count: int, what: str) -> list[str]:
    """Return names that were given, as many as documents; none where none were."""
    named = [] if given is None else [str(name) for name in given]
    if given is not None and len(named) != count:
        raise ArrayError(f"{count} documents came with {len(named)} {what}; give one each")
    return named


def _unit(vectors: NDArray[np.floating] | None, count: int) -> NDArray[np.float16] | None:
    """Scale vectors that were given to unit length."""
    if vectors is None:
        return None
    if len(vectors) != count:
        raise ArrayError(f"{count} texts came with {len(vectors)} vectors; give one each")
    return unit_float16(np.asarray(vectors, np.float32))
