"""A run in this process: what fails says so in one line, and Ctrl-C is no failure."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.lake import build_lake, environment, guyot, lake_at, write_corpus
from support.later import later

from guyot.errors import GuyotError
from jobs.runner import runner_of
from resources.settings import ROOT

# runs the command with the embeddings of every shard never ending; says when the first has begun
STAYS_AT_EMBEDDINGS = """
import dataclasses, sys, time
from assets.ingest import embeddings
def stay(*_):
    print("there", flush=True)
    time.sleep(600)
embeddings.embeddings = dataclasses.replace(embeddings.embeddings, build=stay)
from guyot.cli import main
main(["run", "--until", "embeddings"])
"""


@pytest.mark.parametrize("threads", [2, *later([1])])
def test_an_interrupt_says_so_and_the_same_command_goes_on(tmp_path: Path, threads: int) -> None:
    write_corpus(tmp_path / "source")
    lake = lake_at(tmp_path / "lake", tmp_path / "source", threads=threads)
    command = [sys.executable, "-c", STAYS_AT_EMBEDDINGS]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(lake), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    last = err.strip().splitlines()[-1]
    assert last == "interrupted while building embeddings; what is built stays, and running it again goes on"
    assert "Error" not in err
    assert "Traceback" not in err
    built = {shard: lake.store.required("raw_shards", shard).version for shard in lake.shards()}
    guyot(lake, "run", "--until", "embeddings")
    assert {shard: lake.store.required("raw_shards", shard).version for shard in lake.shards()} == built
    assert lake.store.partitions("embeddings") == lake.shards()


def test_a_failure_names_the_asset_the_reason_and_the_run(tmp_path: Path) -> None:
    write_corpus(tmp_path / "source")
    lake = build_lake(lake_at(tmp_path / "lake", tmp_path / "source"), until="raw_shards")
    with runner_of(lake.settings) as runner:
        runner.execute(["shard_registry"], None)
        with pytest.raises(GuyotError, match="^quality_signals failed: ") as failed:
            runner.execute(["quality_signals"], (lake.shards()[0], lake.shards()[0]))
    assert "tokenizer/all was asked for" in str(failed.value)
    assert "(run " in str(failed.value)
    assert "guyot.errors" not in str(failed.value)
