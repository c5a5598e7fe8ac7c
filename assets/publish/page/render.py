"""Renders the report: one HTML page from the catalogue, everything inline, all text escaped."""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from assets.charts import charts, evidence
from assets.publish.database import Catalogue
from assets.publish.page import audits, queries
from assets.publish.page.examples import MAX_LINES, examples
from assets.publish.page.shown import shown
from assets.train.leaderboard import BASELINE
from guyot.stats import interval_text
from resources import pictures

_TEMPLATE, _STYLE, _DRAW = "report.html.jinja", "report.css", "report.js"
_SLICES = {
    "all": "All held-out documents",
    "short": "Short: the shorter half of them",
    "long": "Long: the longest tenth",
}
_LOOK = {"background": None, "font": "system-ui, sans-serif", "view": {"stroke": None}}
Rows = Callable[[str], list[dict[str, Any]]]


def render(catalogue: Catalogue, recipes: list[str]) -> str:
    """Render the page; a lake that has trained nothing yet has a page too.

    Parameters
    ----------
    recipes : names in the order in which they are shown and coloured; others come after them

    Notes
    -----
    The same catalogue gives the same bytes: no clock is read. However many documents there are, the page
    holds aggregates and a few beginnings. Should a stranger's text ever pass the escaping, the page still
    runs none of it: its policy names the hashes of the two scripts that may run, and nothing may be fetched.
    Images are thumbnails inside the page, encoded anew; walks are drawn.
    """
    import jinja2
    import vl_convert
    from markupsafe import Markup

    folder = Path(__file__).parent
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), autoescape=True, undefined=jinja2.StrictUndefined
    )
    library = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", _vega_lite())
    scripts = [_inline(library), _inline((folder / _DRAW).read_text())]
    style = (folder / _STYLE).read_text()
    with catalogue.connect() as connection:

        def rows(sql: str) -> list[dict[str, Any]]:
            return connection.sql(sql).to_arrow_table().to_pylist()

        mixtures = _in_order(rows(queries.MIXTURES), recipes)
        order = list(dict.fromkeys([*recipes, *sorted(row["recipe"] for row in mixtures)]))
        sections = _sections(rows, order)
        pairs = examples(connection)
        seen = shown(connection, pairs)
        drawn = _numbered(sections)
        return environment.get_template(_TEMPLATE).render(
            policy=_policy(scripts, style, has_pictures=seen.has_pictures),
            scripts=[Markup(script) for script in scripts],
            style=Markup(style),
            specifications=Markup(_script_safe({c["id"]: c["chart"] for c in drawn})),
            sections=sections,
            counts=rows(queries.COUNTS)[0],
            signs=charts.signs(order),
            shown=[name for name in order if name in {row["recipe"] for row in mixtures}],
            board=rows(queries.BOARD),
            mixtures=mixtures,
            reasons=_in_order(rows(queries.REASONS), recipes),
            examples=pairs,
            seen=seen,
            max_lines=MAX_LINES,
            quarantine=rows(queries.QUARANTINE),
            confound=rows(audits.CONFOUND),
            contamination=_in_order(rows(audits.CONTAMINATION), recipes),
            corruption=rows(audits.CORRUPTION),
            alone=_in_order(rows(audits.ALONE), recipes),
            alone_counts=_in_order(rows(audits.ALONE_COUNTS), recipes),
            divergence=_in_order(rows(audits.DIVERGENCE), recipes),
            runs=_in_order(rows(queries.RUNS), recipes),
            interval=_interval,
            number=_number,
        )


def _vega_lite() -> str:
    """Name the version that altair writes for, as the drawing library calls it."""
    import altair

    return ".".join(altair.SCHEMA_VERSION.removeprefix("v").split(".")[:2])


def _sections(rows: Rows, order: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Draw what there is data for, by the section of the page."""
    return {
        "results": _results(rows, order),
        "kept": _kept(rows, order),
        "alike": _alike(rows, order),
        "audits": audits.figures(rows, _figure, order),
    }


def _numbered(sections: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Give each chart of the page its id."""
    drawn = [chart for section in sections.values() for chart in section]
    for number, chart in enumerate(drawn):
        chart["id"] = f"chart{number}"
    return drawn


def _results(rows: Rows, order: list[str]) -> list[dict[str, Any]]:
    """Draw what the trained models reached, and how they got there."""
    results = rows(queries.RESULTS)
    if not results:
        return []
    domain = min(row["low"] for row in results), max(row["high"] for row in results)
    board = rows(queries.BOARD)
    ranked = [row["recipe"] for row in board]
    unit = "image" if rows(queries.HAS_IMAGES) else "byte"
    drawn = []
    for part, title in _SLICES.items():
        if those := [row for row in results if row["slice"] == part]:
            drawn.append(_figure(charts.intervals(those, title, ranked, order, domain, unit), ""))
    if compared := [row for row in board if row["difference"] is not None]:
        note = "Where a line crosses 0, no difference is shown."
        drawn.append(_figure(evidence.differences(compared, order, unit), note, wide=True))
    if curves := rows(queries.CURVES):
        note = "Where a line comes down to the dashed one, the recipe is as good as random at its end."
        drawn.append(_figure(evidence.learning_curves(curves, BASELINE, order, unit), note, wide=True))
    if curves := rows(queries.LOSSES):
        note = f"Each point is the mean of a {queries.LOSS_POINTS}th of the run; over seeds, the mean."
        drawn.append(_figure(charts.losses(curves, order), note, wide=True))
    return drawn


def _kept(rows: Rows, order: list[str]) -> list[dict[str, Any]]:
    """Draw which documents stayed: by length, by cluster, by where they come from and what they are."""
    by_length = rows(queries.BY_LENGTH)
    if not by_length:
        return []
    ends = {row["length_decile"]: row["bytes"] for row in by_length}
    note = "A level line would say that length does not decide." + (
        f" The shortest tenth ends at {ends[1]:,} bytes, the shorter half at {ends[5]:,}, "
        f"and the longest tenth begins above {ends[9]:,}." if len(ends) == 10 else ""
    )  # fmt: skip
    title, axis = "Share of documents kept, by length", "length decile (1: the shortest tenth)"
    drawn = [_figure(charts.kept_share(by_length, "length_decile", axis, title, order), note)]
    title, axis = "Share of documents kept, by cluster", "clusters, the most pruned first (%)"
    note = "A level line would say that every cluster lost its part; a steep one, that some lost all."
    drawn.append(_figure(charts.kept_share(rows(queries.BY_CLUSTER), "clusters", axis, title, order), note))
    note = f"Of the {queries.MAX_FOLDERS} largest, the largest first."
    for name, sql in (("first folder or file", queries.BY_FOLDER), ("kind", queries.BY_KIND)):
        found = rows(sql)
        if len({row["origin"] for row in found}) > 1:
            title = f"Share of documents kept, by {name}"
            drawn.append(_figure(charts.kept_table(found, "origin", title, order), note))
    return drawn


def _alike(rows: Rows, order: list[str]) -> list[dict[str, Any]]:
    """Draw how alike the documents are."""
    drawn = []
    if found := rows(queries.SIMILARITIES):
        counts = [0] * charts.BINS
        for row in found:
            counts[row["bin"]] = row["documents"]
        cuts = {row["recipe"]: row["cut"] for row in rows(queries.CUTS)}
        drops = ", ".join(f"{recipe} drops above {cut:.3f}" for recipe, cut in cuts.items())
        note = f"What is right of a recipe's line it drops as a near-duplicate: {drops}." if cuts else ""
        drawn.append(_figure(charts.similarities(counts, cuts, order), note))
    if sizes := rows(queries.SIZES):
        note = "Where a few tower over the others, the source repeats itself."
        drawn.append(_figure(charts.cluster_sizes(np.array([row["size"] for row in sizes])), note))
    return drawn


def _figure(chart: Any, note: str, *, wide: bool = False) -> dict[str, Any]:
    """Set a chart to the width of the page, with its title as page text that can wrap."""
    drawn = pictures.specification(chart)
    title = drawn.pop("title")
    fit = {"type": "fit-x", "contains": "padding"}
    drawn |= {"width": "container", "autosize": fit, "description": title, "config": _LOOK}
    return {"title": title, "note": note, "wide": wide, "chart": drawn}


def _in_order(rows: list[dict[str, Any]], recipes: list[str]) -> list[dict[str, Any]]:
    """Sort rows as the recipes are; those of other recipes come last."""
    place = {name: i for i, name in enumerate(recipes)}
    return sorted(rows, key=lambda row: place.get(row["recipe"], len(place)))


def _inline(script: str) -> str:
    """Write a script of ours so that it ends where it ends, in the line ends that a browser hashes."""
    return script.replace("\r\n", "\n").replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _policy(scripts: list[str], style: str, *, has_pictures: bool) -> str:
    """Allow these scripts and this style, images that are in the page itself, and nothing else."""
    allowed = " ".join(_hash_source(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash_source(style)}; "
        f"{'img-src data:; ' if has_pictures else ''}"
        "base-uri 'none'; form-action 'none'"
    )


def _hash_source(text: str) -> str:
    """Name a text by its hash, as a content security policy does."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _script_safe(value: Any) -> str:
    """Write JSON that no text inside it can break out of; a number that JSON lacks is an error."""
    text = json.dumps(value, allow_nan=False)
    for mark in "<>&":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def _number(value: float | None, form: str) -> str:
    """Write a number, or nothing where there is none."""
    return "" if value is None else format(value, form)


def _interval(row: dict[str, Any], value: str, low: str, high: str) -> str:
    """Write a value with its interval, where there were documents to measure."""
    if row[value] is None:
        return "no documents"
    return interval_text(row[value], row[low], row[high])
