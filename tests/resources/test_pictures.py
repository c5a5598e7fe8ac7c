"""Charts drawn in another process: what makes the library abort costs one picture, and no process is left."""

import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from assets.charts import charts
from assets.charts.drawing import markdown_picture, png
from resources import pictures
from resources.pictures import PictureError, PictureProcess

ABORTS = (
    '{"data": {"values": [{"a": "x"}]}, "mark": "bar", "encoding": {"y": {"field": "a"}}, "title": "\\u001b"}'
)
BARS = ABORTS.replace("\\u001b", "bars")


@pytest.fixture
def drawing():
    process = PictureProcess()
    yield process
    process.close()


def test_the_library_aborts_its_process_over_a_control_character():
    code = f"import vl_convert; vl_convert.vegalite_to_png({ABORTS!r})"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert ended.returncode == -signal.SIGABRT  # should it no longer, tests here need another such chart


def test_an_abort_costs_its_picture_and_is_told(drawing):
    assert drawing.png(BARS).startswith(b"\x89PNG")
    first = drawing.pid
    for _ in range(2):
        with pytest.raises(PictureError, match="SIGABRT"):
            drawing.png(ABORTS)
    assert drawing.png(BARS).startswith(b"\x89PNG")
    assert drawing.pid != first
    assert not psutil.pid_exists(first)


def test_one_process_draws_all_and_one_refused_chart_leaves_it(drawing):
    drawing.png(BARS)
    first = drawing.pid
    with pytest.raises(PictureError, match="Failed to parse"):
        drawing.png("{")
    drawing.png(BARS)
    assert drawing.pid == first


def test_a_process_that_was_killed_or_idle_costs_nothing(drawing):
    drawing.png(BARS)
    os.kill(drawing.pid, signal.SIGKILL)
    assert drawing.png(BARS).startswith(b"\x89PNG")
    brief = PictureProcess(idle_seconds=0.01)
    brief.png(BARS)
    psutil.Process(brief.pid).wait()
    assert brief.png(BARS).startswith(b"\x89PNG")
    brief.close()


def test_a_chart_that_takes_too_long_is_given_up():
    process = PictureProcess(picture_seconds=1)
    many = {"values": [{"a": i} for i in range(300_000)]}
    with pytest.raises(PictureError, match="longer than 1 s"):
        process.png(json.dumps({"data": many, "mark": "point", "encoding": {"x": {"field": "a"}}}))
    assert process.pid is None


def test_threads_get_the_pictures_that_they_asked_for(drawing):
    specifications = [BARS.replace("bars", f"bars {i}") for i in range(8)]
    alone = [drawing.png(one) for one in specifications]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(drawing.png, specifications)) == alone
    assert len(set(alone)) == 8


def test_an_interrupt_while_a_chart_is_drawn_leaves_no_answer_for_the_next(drawing, monkeypatch):
    drawing.png(BARS)

    def interrupted(descriptor):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(pictures.picture_worker, "receive", interrupted)
        drawing.png(BARS.replace("bars", "another"))
    fresh = PictureProcess()
    assert drawing.png(BARS) == fresh.png(BARS)
    fresh.close()


SCRIPT = f"""
import os, sys
from resources import pictures
pictures.png({BARS!r})
if "fork" in sys.argv:
    child = os.fork()
    if child == 0:
        assert pictures._OF_THIS_PROCESS.pid is None
        assert pictures.png({BARS!r}).startswith(b"\\x89PNG")
        pictures._OF_THIS_PROCESS.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert pictures.png({BARS!r}).startswith(b"\\x89PNG")
print(pictures._OF_THIS_PROCESS.pid, flush=True)
if "stay" in sys.argv:
    sys.stdin.read()
"""


@pytest.mark.parametrize("how", [[], ["fork"], ["stay"], ["fork", "stay"]])
def test_no_process_is_left_when_ours_ends_or_is_killed(how):
    ours = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *how], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    drawing = int(ours.stdout.readline())
    if "stay" in how:
        assert psutil.pid_exists(drawing)
        ours.kill()
    ours.wait()
    deadline = time.monotonic() + 30  # it may be gone before we look
    while psutil.pid_exists(drawing) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.pid_exists(drawing)
    ours.communicate()


NOT_SHOWN = [
    *range(0x20),
    *range(0x7F, 0xA0),
    0xD800,
    0xDBFF,
    0xDC00,
    0xDFFF,
    0xFFFE,
    0xFFFF,
    0x1FFFF,
    0x202E,
]


def test_every_character_that_a_label_can_have_is_drawn():
    before = png(charts.objective([1.0])) and pictures._OF_THIS_PROCESS.pid
    for point in NOT_SHOWN:
        rows = [{"recipe": "d4", "origin": f"en{chr(point)}", "kept": 0.5, "documents": 3}]
        chart = charts.kept_table(rows, "origin", f"kept {chr(point)}", ["d4"])
        assert markdown_picture(chart).startswith("![chart](data:image/png;base64,iVBOR"), hex(point)
    assert pictures._OF_THIS_PROCESS.pid == before


def test_no_other_process_of_the_graph_draws():
    root = Path(__file__).resolve().parents[2]
    files = [
        path for folder in ("guyot", "assets", "resources", "jobs") for path in (root / folder).rglob("*.py")
    ]
    draw = [path.name for path in files if re.search(r"vegalite_to_|vega_to_|svg_to_", path.read_text())]
    assert draw == ["picture_worker.py"]
