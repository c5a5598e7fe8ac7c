"""Scenes are rendered in processes; one that hangs costs its scene alone, and on one core nothing is begun."""

import os
import subprocess
import sys

import psutil
import pytest
from support.scenes import scripted_workers

from guyot.errors import SettingError
from guyot.scenes.factors import Scene
from guyot.scenes.spec import canonical_json
from resources.scenes.encodings import encode
from resources.scenes.render_pool import Rendering, RenderPool, check_cores
from resources.scenes.renderer import RenderSettings, render

TINY = RenderSettings(side=12, samples=1)


def renderings(n: int) -> list[Rendering]:
    return [Rendering((canonical_json(Scene(environment="night", replicate=i)),)) for i in range(n)]


def test_processes_render_what_this_one_would_and_are_gone():
    pool = RenderPool(TINY)
    found = []
    for one in pool.render(renderings(4)):
        found.append(one)
        pids = pool.pids
    assert [one.rendering for one in found] == renderings(4)
    for i, one in enumerate(found):
        assert one.files == (encode(render(Scene(environment="night", replicate=i), TINY), "png"),)
    assert len(pids) == 2
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_scene_that_hangs_or_aborts_is_tried_once_more_and_costs_no_other(monkeypatch, tmp_path):
    tries = scripted_workers(monkeypatch, tmp_path, {1: "hang hang", 3: "abort", 5: "abort hang", 6: "exit"})
    found = list(RenderPool(TINY, scene_seconds=1).render(renderings(8)))
    assert [bool(one.files) for one in found] == [True, False, True, True, True, False, True, True]
    assert found[1].failure == "it took longer than 1 s; again: it took longer than 1 s"
    assert found[5].failure == "its process ended with signal SIGABRT; again: it took longer than 1 s"
    assert tries() == {0: 1, 1: 2, 2: 1, 3: 2, 4: 1, 5: 2, 6: 2, 7: 1}


def test_who_stops_reading_leaves_no_process(monkeypatch, tmp_path):
    scripted_workers(monkeypatch, tmp_path, {2: "hang hang", 3: "hang hang"})
    pool = RenderPool(TINY, scene_seconds=60)
    rendered = pool.render(renderings(50))
    next(rendered)
    pids = pool.pids
    rendered.close()
    assert pids
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_one_core_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3})
    with pytest.raises(
        SettingError, match="on 1 core; the renderer may wait for ever on fewer than 2; widen"
    ):
        check_cores()
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 4})
    check_cores()


def test_a_process_that_is_pinned_to_one_core_is_refused():
    code = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from resources.scenes.render_pool import RenderPool; from resources.scenes.renderer import RenderSettings\n"
        "RenderPool(RenderSettings())"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.stderr.splitlines()[-1].startswith(
        "guyot.errors.SettingError: scenes were to be rendered on 1 core"
    )
