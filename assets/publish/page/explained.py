"""Renders a page about one image or walk: what each recipe did with it, beside its witnesses."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assets.publish.page.shown import pictures

if TYPE_CHECKING:
    import duckdb

_SIDE = 384
_TEMPLATE, _STYLE = "explained.html.jinja", "report.css"


def explained_page(
    connection: "duckdb.DuckDBPyConnection", document: dict[str, Any], verdicts: Sequence[Any]
) -> str:
    """Render the page.

    Parameters
    ----------
    connection : to the catalogue
    document : a row of raw_shards
    verdicts : of each recipe: `recipe`, `kept`, `sentence`, `similarity` and `witness`, a row as document

    Notes
    -----
    Pictures are in the page, encoded anew, and the page runs no script.
    """
    import jinja2
    from markupsafe import Markup

    folder = Path(__file__).parent
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), autoescape=True, undefined=jinja2.StrictUndefined
    )
    style = (folder / _STYLE).read_text()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    ids = {document["doc_id"], *(verdict.witness["doc_id"] for verdict in verdicts if verdict.witness)}
    return environment.get_template(_TEMPLATE).render(
        policy=(
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
            "base-uri 'none'; form-action 'none'"
        ),
        style=Markup(style),
        document=document,
        pictures=pictures(connection, sorted(ids), _SIDE),
        witnesses=_by_witness(verdicts),
        others=[verdict for verdict in verdicts if not verdict.witness],
    )


def _by_witness(verdicts: Sequence[Any]) -> list[list[Any]]:
    """Put recipes together that have the same witness: one picture serves all."""
    found: dict[str, list[Any]] = {}
    for verdict in verdicts:
        if verdict.witness:
            found.setdefault(verdict.witness["doc_id"], []).append(verdict)
    return list(found.values())
