"""The report: the same bytes from the same catalogue, and nothing of a stranger's that a browser would run."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from support.catalogue import Tables, small_tables, trained_tables, write_catalogue

from assets.publish.database import Catalogue
from assets.publish.page.render import render

ORDER = ["all", "half"]
HOSTILE = (
    "</script></pre><script>window.pwned=1</script><img src=x onerror=alert(1)>'\"${1+1}{{7*7}}\u2028\u202e"
)
ALLOWED = {"html", "head", "meta", "title", "style", "script", "body", "h1", "h2", "h3", "p", "ul", "li", "b", "code",
           "details", "summary", "div", "span", "svg", "path", "table", "tr", "th", "td", "figure", "figcaption", "bdi",
           "mark", "i"}  # fmt: skip


class Tags(HTMLParser):
    """Notes what a browser would see: tags with their attributes, and the text of scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        last = self.seen[-1][0] if self.seen else ""
        self.texts.setdefault(last, []).append(data)


def page_of(folder: Path, tables: Tables) -> str:
    return render(write_catalogue(folder / "lake", tables), ORDER)


def parsed(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


def specifications(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="charts">(.*?)</script>', page, re.S)
    assert found is not None
    return json.loads(found[1])


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = tmp_path_factory.mktemp("trained")
    return write_catalogue(folder / "lake", {**small_tables(), **trained_tables()})


@pytest.fixture(scope="module")
def page(catalogue: Catalogue) -> str:
    """Return the page of the tables with trainings, as they are."""
    return render(catalogue, ORDER)


def test_the_same_catalogue_gives_the_same_bytes(catalogue: Catalogue, page: str) -> None:
    assert render(catalogue, ORDER) == page


def test_the_page_tells_what_the_catalogue_holds(page: str) -> None:
    assert "<b>15</b>records read" in page
    assert "<b>78</b>tokens" in page
    rows = [re.sub(r"<[^>]*>", " ", row).split() for row in re.findall(r"<tr>(.*?)</tr>", page)]
    assert ["half", "2.500", "(2.000", "to", "3.000)", "+0.500", "(-0.250", "to", "+0.750)", "no", "difference",
            "shown", "no", "documents", "2.500", "(2.000", "to", "3.000)", "5", "50.0%", "40", "2", "12"] in rows  # fmt: skip
    assert ["half", "2.500", "2.625", "(2.125", "to", "3.125)", "+0.500", "+0.625", "(+0.125", "to", "+0.875)", "worse",
            "1", "of", "2", "150", "(50%)"] in rows  # fmt: skip
    assert ["all", "2.000", "not", "known"] in rows, "its contamination is null"
    assert ["half", "held_out", "2", "0", "0", "0", "0", "2"] in rows
    assert ["all", "held_out", "2", "1", "0", "0", "0", "1"] in rows
    assert page.index("Copies of evaluation records in each mixture") > page.index("<h2>Audits</h2>")
    assert ["half", "5", "10", "documents", "5", "5", "10", "half-version"] in rows
    assert ["half", "semdedup", "near_duplicate", "5", "5"] in rows
    assert ["nul_byte", "2", "bad1"] in rows
    assert ["half", "half-1", "1", "300", "3", "half-version", "s"] in rows
    assert page.index("<td><b>2.000 (1.500") < page.index("<td><b>2.500 (2.000")
    assert "line 3 of d<mark>1</mark>" in page


def test_every_chart_has_its_place_and_its_data(page: str, tmp_path: Path) -> None:
    charts = specifications(page)
    places = [
        attributes["id"] for tag, attributes in parsed(page).seen if tag == "div" and "id" in attributes
    ]
    assert places == list(charts)
    told = [chart["description"] for chart in charts.values()]
    assert told == [
        "All held-out documents", "Short: the shorter half of them", "Long: the longest tenth",
        "Difference from random, paired by seed", "Held-out loss while training", "Training loss",
        "Share of documents kept, by length", "Share of documents kept, by cluster",
        "Share of documents kept, by first folder or file", "Similarity to the nearest earlier document",
        "Documents of the 2 largest clusters",
    ]  # fmt: skip
    kinds = small_tables()
    kinds["raw_shards"][0]["kind"] = "prose"
    assert "Share of documents kept, by kind" in page_of(tmp_path / "kinds", kinds)


def test_no_text_of_a_stranger_is_anything_but_text(tmp_path: Path) -> None:
    tables = {**small_tables(), **trained_tables()}
    for row in tables["raw_shards"]:
        row["source_path"] = f"{HOSTILE}{row['source_path'][0]}"
        row["content"] = (
            f"{HOSTILE}\n{row['content']}{HOSTILE}\na line of some length {row['doc_id']}<em>{row['doc_id']}{HOSTILE}"
        )
    for name in ("recipe", "version"):
        tables["mixtures"][0][name] = HOSTILE
    for name, column in (
        ("contamination", "evaluation_set"),
        ("quarantine", "source_path"),
        ("pruned_mixtures", "reason"),
        ("training_runs", "run_id"),
    ):
        for row in tables[name]:
            row[column] = HOSTILE if row.get(column) else None
    page = page_of(tmp_path, tables)
    tags = parsed(page)
    assert {tag for tag, _ in tags.seen} <= ALLOWED
    assert sum(tag == "script" for tag, _ in tags.seen) == 3
    for _, attributes in tags.seen:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "src", "href")]
    origins = [
        row["origin"]
        for c in specifications(page).values()
        for row in c.get("data", {}).get("values", [])
        if "origin" in row
    ]
    origins += [row["origin"] for c in specifications(page).values() for layer in c.get("layer", [])
                for row in layer.get("data", {}).get("values", []) if "origin" in row]  # fmt: skip
    assert all(origin == "<" for origin in origins)
    assert "&lt;script&gt;window.pwned=1&lt;/script&gt;" in page
    assert "{{7*7}}" in page
    assert (
        "\u2028"
        not in re.sub(r"<bdi>.*?</bdi>", "", page.partition("<body>")[2], flags=re.S).partition(
            'id="charts"'
        )[2]
    )


def test_chart_data_cannot_end_its_script(tmp_path: Path) -> None:
    tables = small_tables()
    for row in tables["raw_shards"][:4]:
        row["source_path"] = "<!--<script>\u2028'\"&/x"
    page = page_of(tmp_path, tables)
    written = page.partition('id="charts">')[2].partition("</script>")[0]
    assert not set("<>&\u2028\u2029") & set(written)
    found = json.dumps(specifications(page), ensure_ascii=False)
    assert "<!--<script>\\\\u2028'" in found  # JSON of a backslash: a label holds no line separator


def test_the_policy_lets_only_the_two_scripts_and_the_style_pass(page: str) -> None:
    policy = next(
        a["content"] for tag, a in parsed(page).seen if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split("; ")}
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == ["'none'"]
    assert rules["script-src"] == [
        hash_of(text) for text in re.findall(r"<script>(.*?)</script>", page, re.S)
    ]
    assert rules["style-src"] == [hash_of(text) for text in re.findall(r"<style>(.*?)</style>", page, re.S)]
    assert len(rules) == 5
    assert len(rules["script-src"]) == 2


def hash_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.mark.parametrize("empty", [True, False])
def test_a_lake_with_nothing_trained_or_nothing_at_all_has_a_page(tmp_path: Path, empty: bool) -> None:
    tables = small_tables()
    if empty:
        tables = {name: rows[:1] if name == "raw_shards" else [] for name, rows in tables.items()}
    page = page_of(tmp_path, tables)
    assert "Nothing has been trained yet." in page
    assert ("Nothing has been pruned yet." in page) is empty
    assert len(specifications(page)) == (0 if empty else 5)
