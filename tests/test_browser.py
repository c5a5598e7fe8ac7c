"""What a person sees: the asset graph in Dagster's UI and the report, in a real browser."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from support.lake import environment, guyot, lake_at, write_corpus

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.long,
    pytest.mark.in_ci,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium"),
]
HOSTILE = "</pre></script><script>window.pwned=1</script><img src=x onerror=window.pwned=1> ${window.pwned=1} {{7*7}}"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a lake whose folders, files and texts are out to run in a browser: near-duplicates, so that pairs show."""
    base = tmp_path_factory.mktemp("looked-at")
    write_corpus(base / "source")
    for copy in base.glob("source/package*/copy.py"):
        copy.unlink()  # nearer to one another than what the page is to show
    folder = base / "source" / "<img src=x onerror=window.pwned=1>"
    folder.mkdir()
    for i in range(6):
        lines = [f"x{n} = {n}" for n in range(300)]
        lines[3:5] = f"some_name_of_many_letters = {i}", f"# {HOSTILE}"
        (folder / f"{i}</script><script>window.pwned=1<{{{{7*7}}}}.py".replace("/", "\u2215")).write_text(
            "\n".join(lines)
        )
    (folder / "empty'\"<script>window.pwned=1<\u2215script>.py").write_bytes(b"")
    guyot(lake_at(base / "lake", base / "source"), "run", "--recipe", "semdedup")
    return base / "lake"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1600, "height": 1200})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def ui(lake: Path) -> Iterator[str]:
    """Serve the lake as `make ui` does, but for the daemon and on a free port; yields the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = environment(lake_at(lake, lake.parent / "source"), DAGSTER_HOME=str(lake / ".dagster"))
    program = str(Path(sys.executable).parent / "dagster-webserver")
    command = [program, "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)]
    with open(lake.parent / "ui.log", "wb") as log:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env=env,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            assert server.poll() is None, (lake.parent / "ui.log").read_text()
            try:
                with urllib.request.urlopen(f"{address}/server_info", timeout=5):
                    break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(20)
        with contextlib.suppress(ProcessLookupError):  # what of the group has outlived its leader
            os.killpg(server.pid, signal.SIGKILL)


def keep_picture(page: Page, name: str) -> None:
    """Keep what is on the screen where SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.wait_for_timeout(2000)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_the_ui_shows_the_whole_graph(ui: str, page: Page) -> None:
    from assets.graph.plan import names

    page.set_viewport_size({"width": 1600, "height": 4000})  # what is not in sight is not drawn
    page.goto(f"{ui}/asset-groups")
    for group in ("ingest", "cluster", "prune", "audit", "train", "publish"):
        page.get_by_text(group, exact=True).first.wait_for(timeout=60_000)
    page.wait_for_timeout(1000)
    page.keyboard.press("Alt+KeyE")  # the UI's own key for: expand all groups
    for asset in names():
        shown = re.compile(rf"^({asset}|{asset[:5]}\w*….*)$")  # a long name is cut in its middle
        page.get_by_text(shown).first.wait_for(timeout=20_000)
    keep_picture(page, "graph")


def test_the_ui_shows_one_group_with_what_was_materialized(ui: str, page: Page) -> None:
    page.goto(f"{ui}/locations/guyot/asset-groups/train/lineage")
    for asset in ("training_runs", "evaluations", "leaderboard"):
        page.get_by_text(asset, exact=True).first.wait_for(timeout=60_000)
    page.get_by_text("Materialized", exact=True).first.wait_for(timeout=60_000)
    keep_picture(page, "group")


def test_the_ui_shows_an_asset_with_its_rows_and_its_picture(ui: str, page: Page) -> None:
    page.goto(f"{ui}/assets/cluster_scores")
    page.get_by_text("One row is a training document of the snapshot").first.wait_for(timeout=60_000)
    page.get_by_text("Latest materialization").first.wait_for(timeout=60_000)
    page.get_by_text("similarities").first.wait_for(timeout=60_000)
    keep_picture(page, "scores")
    page.goto(f"{ui}/assets/leaderboard")
    page.get_by_text("One row is a recipe with at least one evaluated run").first.wait_for(timeout=60_000)
    page.get_by_text("Row count").first.wait_for(timeout=60_000)
    assert re.search(r"Row count\s+1\s", page.inner_text("body"))
    keep_picture(page, "leaderboard")


@pytest.mark.parametrize("width", [1600, 390])
def test_the_report_draws_every_chart_asks_for_nothing_and_runs_no_strangers_text(
    lake: Path, page: Page, width: int
) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": width, "height": 1200})
    report = next((lake / "report").glob("*/*/report.html"))
    page.goto(report.as_uri())
    charts = page.locator(".chart")
    specified = page.evaluate("Object.keys(JSON.parse(document.getElementById('charts').textContent)).length")
    assert charts.count() == specified >= 9
    for i in range(charts.count()):
        charts.nth(i).locator("svg").wait_for(timeout=30_000)
        assert (
            charts.nth(i).locator("svg .mark-rect path, svg .mark-symbol path, svg .mark-line path").count()
            > 0
        )
        drawn, room = charts.nth(i).locator("svg").bounding_box(), charts.nth(i).bounding_box()
        assert drawn is not None
        assert room is not None
        assert drawn["width"] <= room["width"] + 1  # nothing is clipped
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    keep_picture(page, f"report-{width}")
    text = page.inner_text("body")
    assert HOSTILE in text
    assert "<img src=x onerror=window.pwned=1>" in text
    assert "<script>window.pwned=1<{{7*7}}.py" in text
    assert page.locator("mark").count() > 0
    assert page.evaluate("window.pwned") is None
    assert page.locator("img, iframe, object, a").count() == 0
    assert (said, asked) == ([], [report.as_uri()])


def test_a_script_that_had_passed_the_escaping_would_not_run(lake: Path, page: Page, tmp_path: Path) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    report = next((lake / "report").glob("*/*/report.html")).read_text()
    injected = "<script>window.pwned=1</script><img src=x onerror=window.pwned=1>"
    (tmp_path / "report.html").write_text(report.replace("</h1>", f"</h1>{injected}"))
    page.goto((tmp_path / "report.html").as_uri())
    page.locator(".chart svg").first.wait_for(timeout=30_000)
    assert page.evaluate("window.pwned") is None
    assert any("Content Security Policy" in line for line in said)
