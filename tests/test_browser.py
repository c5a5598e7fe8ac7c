"""What a person sees: the asset graph in Dagster's UI and the report, in a real browser."""

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
from tests_lake import SETTINGS, make_lake, write_source

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
HOSTILE = "</pre></script><script>window.pwned=1</script><img src=x onerror=window.pwned=1> ${window.pwned=1} {{7*7}}"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("looked-at")
    write_source(base / "source")
    folder = base / "source" / "<img src=x onerror=window.pwned=1>"
    folder.mkdir()
    for name in ("a.py", "</script><script>window.pwned=1<", "b.py"):
        (folder / name.replace("/", "\u2215")).with_suffix(".py").write_text(
            f"# {HOSTILE}\n" + "".join(f"x{i} = {i}\n" for i in range(30))
        )
    (folder / "empty'\"<b>.py").write_bytes(b"")
    make_lake(base / "lake", base / "source", "--recipe", "semdedup", "--recipe", "exact")
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
    """Serve the lake as `make ui` does, on a free port; yields the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {f"GUYOT_{name}": value for name, value in SETTINGS.items()}
    places = {
        "GUYOT_LAKE": str(lake), "GUYOT_SOURCE": str(lake.parent / "source"), "DAGSTER_HOME": str(lake / ".dagster"),
    }  # fmt: skip
    command = [
        str(Path(sys.executable).parent / "dagster"), "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port),
    ]  # fmt: skip
    with open(lake.parent / "ui.log", "wb") as log:
        server = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **settings, **places}, stdout=log, stderr=log, start_new_session=True
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
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)


def test_the_ui_shows_the_graph_and_what_was_made(ui: str, page: Page) -> None:
    from jobs.run import ASSETS

    page.goto(f"{ui}/asset-groups")
    for group in ("ingest", "cluster", "prune", "train"):
        page.get_by_text(group, exact=True).first.wait_for(timeout=60_000)
    page.wait_for_timeout(1000)
    page.keyboard.press("Alt+KeyE")  # the UI's own key for: expand all groups
    for asset in ASSETS:
        shown = re.compile(rf"^({asset}|{asset[:5]}….*)$")  # a long name is cut in its middle
        page.get_by_text(shown).first.wait_for(timeout=20_000)
    if folder := os.environ.get("SCREENSHOTS"):
        page.wait_for_timeout(2000)
        page.screenshot(path=f"{folder}/graph.png")


def test_the_ui_shows_an_asset_with_its_rows_and_its_picture(ui: str, page: Page) -> None:
    page.goto(f"{ui}/assets/cluster_scores")
    page.get_by_text("One row is a training document of the snapshot").first.wait_for(timeout=60_000)
    page.get_by_text("Latest materialization").first.wait_for(timeout=60_000)
    page.get_by_text("similarities").first.wait_for(timeout=60_000)
    page.goto(f"{ui}/assets/leaderboard")
    page.get_by_text("One row is a recipe with at least one evaluated run").first.wait_for(timeout=60_000)
    if folder := os.environ.get("SCREENSHOTS"):
        page.wait_for_timeout(2000)
        page.screenshot(path=f"{folder}/leaderboard.png")


def test_the_report_draws_every_chart_asks_for_nothing_and_runs_no_strangers_text(lake: Path, page: Page) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    report = next((lake / "report").glob("*/*/report.html"))
    page.goto(report.as_uri())
    charts = page.locator(".chart")
    assert charts.count() >= 7
    for i in range(charts.count()):
        charts.nth(i).locator("svg").wait_for(timeout=30_000)
        assert charts.nth(i).locator("svg .mark-rect path, svg .mark-symbol path, svg .mark-line path").count() > 0
    text = page.inner_text("body")
    assert "{{7*7}}" in text
    assert "<script>window.pwned=1</script>" in text
    assert "<img src=x onerror=window.pwned=1>" in text
    assert page.evaluate("window.pwned") is None
    assert (said, asked) == ([], [report.as_uri()])
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/report.png", full_page=True)
