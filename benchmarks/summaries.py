"""27,000 short texts from source to all mixtures, with the static encoder: the time of every asset.

    python benchmarks/summaries.py [--documents 27000] [--encoder static] [--lake DIR]

The texts are docstrings of the packages of this environment, some 500 characters each, as JSON lines; a
hundredth of them are copies of others in which one word was replaced. A new lake is made of them by `guyot
run --until pruned_mixtures`, in a process of its own. Printed are the seconds of each step by the event log,
the seconds and core-seconds of the whole command, and the share of planted copies of which `semdedup` drops
one.

The static model is distilled beforehand, once for a machine.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from guyot.seeds import generator
from resources.setting_names import variable

DOCUMENTS, CHARS, LEAST_CHARS = 27_000, 520, 150
COPIES = 0.01  # of the documents
UNTIL = "pruned_mixtures"
_DOCSTRING = re.compile(r'"""(.*?)"""', re.DOTALL)
_WORD = re.compile(r"[A-Za-z]{4,}")


def main() -> None:
    """Write the corpus, run the graph, and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--encoder", default="static")
    parser.add_argument("--lake", default="", help="where the lake is made and left; else it goes")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, lake = Path(folder) / "source", Path(given.lake or f"{folder}/lake").absolute()
        if lake.exists():
            parser.error(f"--lake {lake} is there; give a place where nothing is")
        planted = write(source, given.documents)
        size = (source / "summaries.jsonl").stat().st_size
        print(f"{given.documents:,} documents, {size / 1e6:.1f} MB, {len(planted)} of them planted copies")  # noqa: T201
        environment = {
            **os.environ, variable("lake"): str(lake), variable("source"): str(source),
            variable("encoder"): given.encoder,
        }  # fmt: skip
        distil(environment)
        seconds, core_seconds = run(environment)
        for name, took in steps(environment):
            print(f"{took:8.2f} s  {name}")  # noqa: T201
        print(f"{seconds:8.2f} s, {core_seconds:.1f} core-seconds in all")  # noqa: T201
        print(f"{found(environment, planted):.3f} of the planted copies found by semdedup")  # noqa: T201


def write(source: Path, n_documents: int) -> list[tuple[int, int]]:
    """Write the corpus; return (original, copy) by the records' ids."""
    source.mkdir(parents=True)
    n_copies = max(1, int(COPIES * n_documents))
    texts: dict[str, None] = {}
    for text in docstrings():
        texts.setdefault(text)
        if len(texts) == n_documents - n_copies:
            break
    else:
        raise SystemExit(f"the packages of this environment have {len(texts)} docstrings; ask for fewer")
    draw = generator(0, "summaries")
    originals = draw.permutation(len(texts))[:n_copies].tolist()
    written = list(texts)
    planted = [(original, len(texts) + number) for number, original in enumerate(originals)]
    for original, _ in planted:
        words = list(_WORD.finditer(written[original]))
        one = words[int(draw.integers(len(words)))]
        written.append(f"{written[original][: one.start()]}replaced{written[original][one.end() :]}")
    with (source / "summaries.jsonl").open("w") as file:
        file.writelines(json.dumps({"id": i, "text": text}) + "\n" for i, text in enumerate(written))
    return planted


def docstrings() -> Iterator[str]:
    """Yield the docstrings of all packages in lines of one space, cut to some 500 characters at a word."""
    for file in sorted(Path(sysconfig.get_path("purelib")).rglob("*.py")):
        for found in _DOCSTRING.findall(file.read_text(errors="ignore")):
            text = " ".join(found.split())
            if len(text) > CHARS:
                text = text[:CHARS].rpartition(" ")[0]
            if len(text) >= LEAST_CHARS and len(_WORD.findall(text)) > LEAST_CHARS // 10:
                yield text


def distil(environment: dict[str, str]) -> None:
    """Make the encoder's model, where it is made once for a machine."""
    code = "from assets.graph.lake import LakeResources; from resources.settings import Settings; " \
           "LakeResources(Settings()).encoder.id"  # fmt: skip
    root = Path(__file__).resolve().parents[1]
    subprocess.run([sys.executable, "-c", code], env=environment, cwd=root, check=True)


def run(environment: dict[str, str]) -> tuple[float, float]:
    """Make the mixtures; return seconds, and core-seconds of all threads."""
    guyot = str(Path(sysconfig.get_path("scripts")) / "guyot")
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([guyot, "run", "--until", UNTIL], env=environment, check=True, capture_output=True)
    seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def steps(environment: dict[str, str]) -> Iterator[tuple[str, float]]:
    """Yield each step of the command's runs and its seconds, by the event log."""
    from jobs.instance.home import instance_of
    from resources.settings import Settings

    settings = Settings(lake=environment[variable("lake")])
    with instance_of(settings) as instance:
        for run in reversed(instance.get_runs()):
            stats = instance.get_run_step_stats(run.run_id)
            for step in sorted(stats, key=lambda step: step.start_time or 0):
                yield step.step_key, (step.end_time or 0) - (step.start_time or 0)


def found(environment: dict[str, str], planted: list[tuple[int, int]]) -> float:
    """Return the share of planted pairs of which `semdedup` drops one; held-out documents are in no pair."""
    query = (
        "SELECT d.record_key AS id, m.kept, d.split FROM pruned_mixtures m JOIN raw_shards d USING (doc_id) "
        "WHERE m.recipe = 'semdedup'"
    )
    guyot = str(Path(sysconfig.get_path("scripts")) / "guyot")
    command = [guyot, "sql", query, "--format", "json"]
    told = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    kept = {int(row["id"]): row["kept"] for row in json.loads(told) if row["split"] == "train"}
    pairs = [pair for pair in planted if kept.keys() >= set(pair)]
    return sum(not all(kept[one] for one in pair) for pair in pairs) / len(pairs)


if __name__ == "__main__":
    main()
