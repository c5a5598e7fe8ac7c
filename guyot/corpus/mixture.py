"""A mixture of a corpus: what a recipe kept and dropped, and why."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from guyot.corpus.columns import Columns
from guyot.corpus.pruning import explanation_of
from guyot.corpus.table import Table
from guyot.cut import NO_WITNESS, Cut
from guyot.errors import MissingError
from guyot.prune import Unit
from guyot.recipe import Recipe


@dataclass(frozen=True, repr=False)
class Mixture:
    """What a recipe did to the n documents of a corpus.

    recipe : as it was applied, target and unit included
    cut : the decisions, by row
    """

    recipe: Recipe
    cut: Cut
    _columns: Columns

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Whether each document is kept: bool[n]."""
        return self.cut.kept

    @cached_property
    def kept(self) -> Table:
        """The documents that were kept: row, id, score and threshold in the last step, kind and text."""
        rows = np.flatnonzero(self.cut.kept)
        return Table(
            {
                "row": rows,
                "id": self._ids[rows],
                "score": self.cut.score[rows],
                "threshold": self.cut.threshold[rows],
                **self._contents(rows),
            }
        )

    @cached_property
    def dropped(self) -> Table:
        """The documents that were dropped: row, id, step, reason, score, threshold, witness, kind and text.

        The witness is the document because of which it went: its row, and beside it its id. Rows behind the
        documents are evaluation records.
        """
        cut, rows = self.cut, np.flatnonzero(~self.cut.kept)
        witness = cut.witness[rows]
        return Table(
            {
                "row": rows,
                "id": self._ids[rows],
                "step": np.array(cut.steps, np.object_)[cut.step[rows]],
                "reason": np.array(cut.reasons, np.object_)[cut.reason[rows]],
                "score": cut.score[rows],
                "threshold": cut.threshold[rows],
                "witness": witness,
                "witness_id": self._named(witness),
                **self._contents(rows),
            }
        )

    def duplicates(self, limit: int = 20) -> Table:
        """List dropped documents with their witnesses, those nearest to the limit first.

        Parameters
        ----------
        limit : how many rows at most

        Raises
        ------
        SettingError : the corpus has no texts.
        """
        self._columns.texts_for("a view of duplicates")
        rows = np.flatnonzero(~self.cut.kept & (self.cut.witness != NO_WITNESS))
        rows = rows[np.argsort(-self.cut.score[rows], kind="stable")][:limit]
        witness = self.cut.witness[rows]
        return Table(
            {
                "id": self._ids[rows],
                "witness_id": self._named(witness),
                "score": self.cut.score[rows],
                "text": np.array([self._columns.text_of(row) for row in rows.tolist()], np.object_),
                "witness_text": np.array(
                    [self._columns.text_of(row) for row in witness.tolist()], np.object_
                ),
            }
        )

    def explain(self, document: int | str) -> str:
        """Explain in a sentence why a document was kept or dropped.

        Parameters
        ----------
        document : its row, from 0 in the order given, or its id

        Raises
        ------
        MissingError : there is no such document.
        """
        row = self._row(document)
        fate = "kept" if self.cut.kept[row] else f"dropped by {self.cut.steps[self.cut.step[row]]}"
        return f"document {self._columns.ids[row]} is {fate}: {self.why(row)}"

    def why(self, row: int) -> str:
        """Return the clause that explains why a row's document was kept or dropped; see `explain`."""
        return explanation_of(self._columns, self.recipe, self.cut, row)

    def count(self, unit: Unit = "documents") -> tuple[int, int]:
        """Count in a unit what is kept, and the total.

        Returns
        -------
        (kept, all)
        """
        match unit:
            case "documents":
                weights = np.ones(len(self._columns), np.int64)
            case "tokens":
                weights = self._columns.tokens
            case "bytes":
                weights = self._columns.bytes
        return int(weights[self.cut.kept].sum()), int(weights.sum())

    def __len__(self) -> int:
        """Count the documents that are kept."""
        return int(self.cut.kept.sum())

    def __repr__(self) -> str:
        """Describe how much is kept."""
        kept, total = self.count()
        text = f"{kept:,} of {total:,} documents"
        if self.recipe.unit != "documents":
            weight, whole = self.count(self.recipe.unit)
            text += f", {weight:,} of {whole:,} {self.recipe.unit}"
        return f"Mixture {self.recipe.name}: kept {text}"

    @property
    def _ids(self) -> NDArray[np.object_]:
        """The ids as a column."""
        return np.array(self._columns.ids, np.object_)

    def _named(self, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        """Return the ids of rows, None where there is none."""
        name = self._columns.name_of
        return np.array([None if row == NO_WITNESS else name(row) for row in rows.tolist()], np.object_)

    def _contents(self, rows: NDArray[np.int64]) -> dict[str, NDArray[np.generic]]:
        """Return the documents' kinds and texts, where there are texts."""
        if self._columns.texts is None:
            return {}
        kinds, texts = self._columns.kinds, self._columns.texts
        listed = rows.tolist()
        return {
            "kind": np.array([kinds[row] for row in listed], np.object_),
            "text": np.array([texts[row] for row in listed], np.object_),
        }

    def _row(self, document: int | str) -> int:
        """Find a document."""
        n, ids = len(self._columns), self._columns.ids
        if isinstance(document, str):
            if document not in ids:
                raise MissingError(
                    f"document {document!r} was asked for; the corpus has {n:,}, such as {ids[0]!r}; give "
                    "an id, or a row as a number"
                )
            return ids.index(document)
        if not 0 <= document < n:
            raise MissingError(f"row {document} was asked for; the corpus has rows 0 to {n - 1:,}")
        return document
