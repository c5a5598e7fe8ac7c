"""The report's asset: a page of the newest catalogue, made again only when that changes."""

import shutil
from pathlib import Path
from typing import Any

from support.lake import build_asset, spec_of

from assets.publish import report


def test_the_page_is_written_with_its_size_and_stays_until_the_catalogue_changes(changed: Any) -> None:
    lake = changed()
    build_asset(lake, "catalogue")  # the copy's own
    (built,) = build_asset(lake, "report")
    assert built.manifest is not None
    manifest = lake.store.required("report")
    page = lake.store.checked(manifest, report.PAGE)
    assert page.startswith(b"<!doctype html>")
    assert lake.store.table(manifest).to_pylist() == [{"page": report.PAGE, "bytes": len(page)}]
    assert spec_of(lake, "report").is_live(lake.store)
    assert manifest.inputs == {"catalogue": lake.store.required("catalogue").content}


def test_the_same_state_gives_the_same_page(changed: Any) -> None:
    lake = changed()
    build_asset(lake, "catalogue")
    build_asset(lake, "report")
    manifest = lake.store.required("report")
    first = lake.store.checked(manifest, report.PAGE)
    shutil.rmtree(Path(lake.store.file(manifest)).parent)
    build_asset(lake, "report")
    again = lake.store.required("report")
    assert (again.content, lake.store.checked(again, report.PAGE)) == (manifest.content, first)
