"""What demos have in common: the graph is run with their settings, under those of the environment."""

from pathlib import Path

import pytest

from jobs.cli import demo_graph


@pytest.mark.parametrize("asked", ["", "77"])
def test_settings_are_given_under_the_environments_and_places_are_told_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], asked: str
) -> None:
    told = tmp_path / "told"
    (tmp_path / "guyot").write_text(
        f'#!/bin/sh\necho "$1 $GUYOT_SOURCE $GUYOT_SEED $GUYOT_READING__DOCUMENTS" >> {told}\n'
        "if [ $1 = report ]; then echo /the/report.html; fi\n"
    )
    (tmp_path / "guyot").chmod(0o755)
    monkeypatch.setattr(demo_graph.sysconfig, "get_path", lambda name: str(tmp_path))
    if asked:
        monkeypatch.setenv("GUYOT_SEED", asked)
    monkeypatch.setenv("GUYOT_SOURCE", "/elsewhere")
    settings = {"seed": "5", "reading.documents": "image"}
    demo_graph.show_graph(settings, tmp_path / "source", {"the first": "look here", "the second": "and here"})
    assert told.read_text().splitlines() == [
        f"{verb} {tmp_path}/source {asked or 5} image" for verb in ("run", "report")
    ]
    out = capfd.readouterr().out
    assert [line.split()[:2] for line in out.splitlines()[-3:]] == [
        ["the", "report"], ["the", "first"], ["the", "second"]
    ]  # fmt: skip
    assert "/the/report.html" in out
