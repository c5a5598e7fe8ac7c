"""The report's asset: a page of the newest catalogue, made again only when that changes."""

import shutil
from pathlib import Path
from typing import Any

import dagster as dg
from support.lake import TRAINED, materialize, resources_of

from assets.graph.lake import Lake
from assets.publish import report


def made(lake: Lake) -> dg.ExecuteInProcessResult:
    return dg.materialize([report.report], resources=resources_of(lake), selection=["report"])


def test_the_page_is_written_with_its_size_and_stands_until_the_catalogue_changes(changed: Any) -> None:
    lake = changed()
    materialize(lake, [*TRAINED], until="catalogue")  # the copy's own
    assert made(lake).success
    manifest = lake.store.required("report")
    page = lake.store.checked(manifest, report.PAGE)
    assert page.startswith(b"<!doctype html>")
    assert lake.store.table(manifest).to_pylist() == [{"page": report.PAGE, "bytes": len(page)}]
    assert report.spec(lake.store).is_live(lake.store)
    assert manifest.inputs == {"catalogue": lake.store.required("catalogue").version}


def test_the_same_state_gives_the_same_page(changed: Any) -> None:
    lake = changed()
    materialize(lake, [*TRAINED], until="catalogue")  # the copy's own
    assert made(lake).success
    manifest = lake.store.required("report")
    first = lake.store.checked(manifest, report.PAGE)
    shutil.rmtree(Path(lake.store.file(manifest)).parent)
    assert made(lake).success
    again = lake.store.required("report")
    assert (again.content, lake.store.checked(again, report.PAGE)) == (manifest.content, first)
