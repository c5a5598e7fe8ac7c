"""Renders the report: one HTML page from the catalogue, everything inline, all text escaped."""

import difflib
import json
from pathlib import Path
from typing import Any

import numpy as np

from resources import charts
from resources import report_queries as queries
from resources.catalogue import Catalogue

_TEMPLATE = "report.html.jinja"


def render(catalogue: Catalogue, recipes: list[str]) -> str:
    """Render the page; a lake that has trained nothing yet has a page too.

    Parameters
    ----------
    recipes : names in the order in which they are shown and coloured; others come after them

    Notes
    -----
    The same catalogue gives the same bytes. The page has a bounded number of pairs and of points.
    """
    import jinja2
    import vl_convert
    from markupsafe import Markup

    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    library = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", _vega_lite())
    with catalogue.connect() as connection:

        def rows(sql: str) -> list[dict[str, Any]]:
            return connection.sql(sql).to_arrow_table().to_pylist()

        return environment.get_template(_TEMPLATE).render(
            library=Markup(library.replace("</script", "<\\/script")),  # noqa: S704  (a library's own code)
            lake=catalogue.store.root,
            counts=rows(queries.COUNTS)[0],
            board=_in_order(rows(queries.BOARD), recipes),
            mixtures=_in_order(rows(queries.MIXTURES), recipes),
            charts=[Markup(_script_safe(chart)) for chart in _charts(rows, recipes)],  # noqa: S704
            pairs=[{**pair, **beside(pair)} for pair in rows(queries.PAIRS_SHOWN)],
            quarantine=rows(queries.QUARANTINE),
            runs=_in_order(rows(queries.RUNS), recipes),
            interval=_interval,
        )


def _vega_lite() -> str:
    """Name the version that altair writes for, as the drawing library calls it."""
    import altair

    return ".".join(altair.SCHEMA_VERSION.removeprefix("v").split(".")[:2])


def _charts(rows: Any, order: list[str]) -> list[Any]:  # noqa: ANN401
    """Draw what there is data for."""
    drawn: list[Any] = []
    if results := rows(queries.RESULTS):
        drawn += [charts.intervals(results, order), charts.losses(rows(queries.LOSSES), order)]
    if by_length := rows(queries.BY_LENGTH):
        axis, title = "length decile, 1 the shortest", "Share of documents kept, by length"
        drawn.append(charts.kept_share(by_length, "length_decile", axis, title, order))
        axis, title = "fiftieths of the clusters, the most pruned first", "Share kept, by cluster"
        drawn.append(charts.kept_share(rows(queries.BY_CLUSTER), "cluster_by_share", axis, title, order))
        title = "Share of documents kept, by first folder"
        drawn.append(charts.kept_table(rows(queries.BY_SOURCE), "source", title, order))
    if found := rows(queries.SIMILARITIES):
        counts = [0] * charts.BINS
        for row in found:
            counts[row["bin"]] = row["documents"]
        cuts = {row["recipe"]: row["cut"] for row in rows(queries.CUTS)}
        drawn.append(charts.similarities(counts, cuts, order))
    if sizes := rows(queries.SIZES):
        drawn.append(charts.cluster_sizes(np.array([row["size"] for row in sizes])))
    return drawn


def beside(pair: dict[str, Any]) -> dict[str, list[tuple[str, bool]]]:
    r"""Split two beginnings into lines, and say of each whether the other has it at its place.

    Returns
    -------
    left, right : (line, whether it differs) of the dropped document and of its witness

    Examples
    --------
    >>> found = beside({"content": "a\nb", "witness_content": "a\nc"})
    >>> found["left"], found["right"]
    ([('a', False), ('b', True)], [('a', False), ('c', True)])
    """
    left, right = pair["content"].split("\n"), pair["witness_content"].split("\n")
    match = difflib.SequenceMatcher(None, left, right, autojunk=False)
    same_left, same_right = set[int](), set[int]()
    for block in match.get_matching_blocks():
        same_left.update(range(block.a, block.a + block.size))
        same_right.update(range(block.b, block.b + block.size))
    return {
        "left": [(line, i not in same_left) for i, line in enumerate(left)],
        "right": [(line, i not in same_right) for i, line in enumerate(right)],
    }


def _in_order(rows: list[dict[str, Any]], recipes: list[str]) -> list[dict[str, Any]]:
    """Sort rows as the recipes are; those of other recipes come last."""
    place = {name: i for i, name in enumerate(recipes)}
    return sorted(rows, key=lambda row: place.get(row["recipe"], len(place)))


def _script_safe(chart: Any) -> str:  # noqa: ANN401
    """Write a chart as JSON that no text inside it can break out of."""
    text = json.dumps(json.loads(chart.to_json()))
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def _interval(row: dict[str, Any], value: str, low: str, high: str) -> str:
    """Write a value with its interval, where there were documents to measure."""
    if row[value] is None:
        return "no documents"
    return f"{row[value]:.3f} ({row[low]:.3f} to {row[high]:.3f})"
