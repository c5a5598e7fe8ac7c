# pyright: standard, reportMissingTypeStubs=false
# (pyarrow has no types)
"""The face of a finished lake: its mixtures, its tables, and why a document stayed or went."""

from collections.abc import Iterator

import pyarrow as pa

from guyot.lake.explanation import explanation, find
from guyot.lake.mixture import LakeMixture
from guyot.lake.names import MIXTURES
from guyot.lake.schedule import ScheduledDocument, scheduled
from guyot.lake.versions import Versions


class Lake:
    """A lake that the graph made. What is read is the live version, unless another is named."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions

    def tables(self) -> list[str]:
        """List its tables."""
        return self._versions.tables()

    def table(self, name: str, columns: list[str] | None = None) -> pa.Table:
        """Read a table, or some columns of it; a partitioned table has an additional column `partition`.

        Raises
        ------
        MissingError : there is no such table; the message lists those that there are.
        """
        return self._versions.table(name, columns)

    def mixtures(self) -> list[str]:
        """List the recipes that have a mixture."""
        return self._versions.keys(MIXTURES)

    def mixture(self, recipe: str, version: str | None = None) -> LakeMixture:
        """Open a mixture.

        Parameters
        ----------
        recipe : its name
        version : 16 hex digits, as in the catalogue; by default the live one

        Raises
        ------
        MissingError : the lake has no such mixture, or not in that version.
        """
        return LakeMixture(self._versions.version(MIXTURES, recipe, version), self._versions)

    def schedule(self, recipe: str, from_token: int = 0) -> Iterator[ScheduledDocument]:
        """Yield what a training reads of a mixture, epoch by epoch; the tokens add up to the graph's budget.

        Parameters
        ----------
        from_token : tokens that were read before, as by a training that is resumed

        Raises
        ------
        MissingError : the lake has no schedule of that recipe, or one of an order that this version does not
            compute.
        """
        return scheduled(self._versions, recipe, from_token)

    def explain(self, document: str, recipe: str | None = None) -> dict[str, str]:
        """Explain why a document was kept or dropped, in a sentence for each recipe.

        Parameters
        ----------
        document : its source file's path in the lake, with #record_key in a file of many, or its doc_id
        recipe : of this one alone

        Raises
        ------
        MissingError : there is no such document or mixture, or several documents are meant.
        """
        found = find(self._versions, document)
        names = self.mixtures() if recipe is None else [recipe]
        return {name: explanation(self._versions, self.mixture(name), found) for name in names}

    def __repr__(self) -> str:
        """Describe the lake: its location and its mixtures."""
        return f"Lake {self._versions.place}: mixtures {', '.join(self.mixtures()) or 'none'}"
