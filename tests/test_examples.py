"""Every example runs as its docstring says, and what it says is right."""

import ast
import dataclasses
import importlib
import importlib.util
import itertools
import json
import math
import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.lake import build_asset, catalogue_of, copy_of, graph_lake
from support.lake import guyot as guyot_command

import guyot
from assets.graph.lake import LakeResources
from guyot.audit.invariance.responses import response
from guyot.scenes.blocks import SceneSet
from guyot.scenes.factors import SHAPES
from guyot.seeds import generator
from guyot.train import Interval
from guyot.vectors.exact import unit_float16
from jobs.cli.documents import asking
from jobs.cli.exposures import exposures_of, runs_of

MINUTES = [pytest.mark.long, pytest.mark.in_ci]
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(graph_lake(tmp_path_factory).store.root)


def test_every_example_has_a_test_here() -> None:
    text = Path(__file__).read_text()
    assert all(f'"{path.name}"' in text for path in EXAMPLES.glob("*.py"))


@pytest.mark.long
@pytest.mark.in_ci
def test_every_example_is_free_of_dagster() -> None:
    for path in EXAMPLES.glob("*.py"):
        code = f"import runpy, sys; runpy.run_path({str(path)!r}); print('dagster' in sys.modules)"
        found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert found.stdout.strip() == "False", path.name


def test_every_example_is_short_and_imports_the_library_by_its_face_alone() -> None:
    for path in EXAMPLES.glob("*.py"):
        assert len(path.read_text().splitlines()) < 48
        imports = [
            n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Import | ast.ImportFrom)
        ]
        named = {getattr(n, "module", None) or alias.name for n in imports for alias in n.names}
        assert {name for name in named if name.startswith("guyot")} == {"guyot"}, path.name


def test_prune_vectors() -> None:
    said = run("prune_vectors.py")
    assert said.returncode == 0, said.stderr
    assert "kept 200 of 250 documents" in said.stdout
    mixture = load("prune_vectors").mixture
    # every planted pair is (i, 200 + i): 50 drops, one of each pair, because of the other
    dropped, witness = (mixture.dropped[name].tolist() for name in ("row", "witness"))
    assert sorted(row % 200 for row in dropped) == list(range(50))
    assert witness == [row + 200 if row < 50 else row - 200 for row in dropped]


def test_prune_texts() -> None:
    said = run("prune_texts.py")
    assert said.returncode == 0, said.stderr
    assert "Mixture d4: kept 20 of 40 documents" in said.stdout
    assert "reason near_duplicate" in said.stdout
    assert "is dropped by semdedup: its cosine to document" in said.stdout


@pytest.mark.long
@pytest.mark.in_ci
@pytest.mark.usefixtures("papers")
def test_papers_scip() -> None:
    said = run("papers/scip.py", "--quick")
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("30 Python files")
    for encoder in ("token classes, random projection", "characters, SVD"):
        assert f"\n{encoder}\n" in said.stdout
    # a closing bracket that is missing shows in the classes of tokens, a name of another spelling cannot
    assert (
        "closing_brackets move farther"
        not in said.stdout.partition("DID NOT HOLD: ")[2].split("characters")[0]
    )
    assert "token classes, random projection: odd_names move farther" in said.stdout
    module = load("papers/scip")
    assert module.classes("a = f(b)") == module.classes("c = d(e)") != module.classes("c = d[e]")
    assert "dagster" not in (EXAMPLES / "papers" / "scip.py").read_text()


def test_read_a_schedule(lake: Path) -> None:
    said = run("read_a_schedule.py", str(lake), "semdedup")
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("Mixture semdedup, version ")
    assert said.stdout.count("tokens from token") == 10
    assert len(said.stdout.splitlines()) == 14
    refused = run("read_a_schedule.py", str(lake), "nope")
    assert "pruned_mixtures/nope was asked for" in refused.stderr


@pytest.fixture
def own_lake(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> LakeResources:
    copied = copy_of(graph_lake(tmp_path_factory), tmp_path / "lake")
    build_asset(copied, "catalogue")
    return copied


def seen_steps(lake: LakeResources, run_id: str) -> dict[str, set[int]]:
    """Return the steps at which a reported run read each document, as the lake knows it."""
    with catalogue_of(lake).connect() as connection:
        (found,) = (run for run in runs_of(asking(connection)) if run["run_id"] == run_id)
    kept = guyot.open_lake(lake.store.root).mixture(found["recipe"]).kept["doc_id"].to_pylist()
    return {doc_id: set(one.steps or ()) for doc_id, one in exposures_of(lake, [found], kept)}


def steps_of_windows(lake: LakeResources, recipe: str, n_steps: int) -> dict[str, set[int]]:
    """Return the steps that read each document of a mixture in the order of both examples, token by token."""
    mixture = guyot.open_lake(lake.store.root).mixture(recipe)
    tokens = {
        row["doc_id"]: row["tokens"] for shard in lake.shards()
        for row in lake.store.table(lake.store.required("quality_signals", shard)).to_pylist()
    }  # fmt: skip
    order = [sample["doc_id"] for sample in mixture.torch_dataset(epochs=4)]
    log: dict[str, set[int]] = {doc_id: set() for doc_id in mixture.kept["doc_id"].to_pylist()}
    stream = (doc_id for doc_id in order for _ in range(tokens[doc_id]))
    for place, doc_id in enumerate(itertools.islice(stream, n_steps * 4 * 64)):
        log[doc_id].add(place // (4 * 64))
    return log


@pytest.mark.long
@pytest.mark.in_ci
def test_train_with_pytorch(own_lake: LakeResources, tmp_path: Path) -> None:
    said = run("train_with_pytorch.py", own_lake.store.root, "d4", str(tmp_path / "mine"))
    assert said.returncode == 0, said.stderr
    *lines, command = said.stdout.splitlines()
    losses = [json.loads(line)["loss"] for line in lines]
    assert len(losses) == 8
    assert losses[0] > losses[-1] > 0
    verb, *arguments = shlex.split(command)
    assert verb == "guyot"
    told = guyot_command(own_lake, *arguments)
    assert "run mine is recorded: 2,048 tokens in 8 steps of mixture d4@" in told
    assert seen_steps(own_lake, "mine") == steps_of_windows(own_lake, "d4", 8)


@pytest.mark.long
@pytest.mark.in_ci
def test_train_with_transformers(own_lake: LakeResources, tmp_path: Path) -> None:
    said = run("train_with_transformers.py", own_lake.store.root, "d4", str(tmp_path / "mine"))
    assert said.returncode == 0, said.stderr
    verb, *arguments = shlex.split(said.stdout.splitlines()[-1])
    assert verb == "guyot"
    files = ("metrics.jsonl", "model.safetensors")
    arguments = [str(tmp_path / "mine" / part) if part in files else part for part in arguments]
    told = guyot_command(own_lake, *arguments)
    assert "run mine is recorded: 2,048 tokens in 8 steps of mixture d4@" in told
    metrics = catalogue_of(own_lake).query(
        "SELECT value FROM external_metrics WHERE name = 'loss' ORDER BY step"
    )
    losses = metrics["value"].to_pylist()
    assert len(losses) == 8
    assert losses[0] > losses[-1] > 0
    assert seen_steps(own_lake, "mine") == steps_of_windows(own_lake, "d4", 8)


def test_load_a_mixture(lake: Path) -> None:
    said = run("load_a_mixture.py", str(lake), "semdedup")
    assert said.returncode == 0, said.stderr
    assert said.stdout.count("torch.Size([4, 64]) torch.int64") == 2
    assert re.search(r"^8 of \d+ samples are read$", said.stdout, re.MULTILINE)


# --- papers: length and D4, over the machine's own Python files


PAPERS_OF_FILES = {
    "papers/brevity.py": [
        "0.4 MB, short files: drop longest 50% - random 50%",
        "0.4 MB, short files: drop shortest 50% - random 50%",
    ],
    "papers/d4.py": ["D4 x2 - random x2", "random x2 - all x1", "fresh D4 x1 - D4 x2"],
    "papers/prototypes.py": [
        "alpha 1, 0.3 kept: hard - random",
        "alpha 1, 0.3 kept: easy - hard",
        "alpha 30, 0.3 kept: hard - random",
        "alpha 30, 0.3 kept: hard - easy",
        "alpha 10, 0.3 kept: hard, probe at 20 - at 0 degrees",
        "1290 digits, 0.8 kept: hard - full - 0.005 allowed",
        "1290 digits, 0.8 kept: hard - easy",
        "1290 digits, 0.3 kept: random - easy",
        "50 digits, 0.3 kept: easy within classes - hard within classes",
    ],
    "papers/semdedup.py": [
        "20 clusters: share of pairs caught - 0.99",
        "limit 0.02: |kept - 0.8| - 0.005 allowed",
        "limit 0.05: |kept - 0.8| - 0.005 allowed",
        "asked for 0.5: a line's miss - 0.01",
        "uncovered: official - greedy_cover",
        "uncovered: components - official",
    ],
    "papers/scaling.py": ["all: AIC of the exponential - of the power law"],
    "papers/soups.py": [
        "different inits, loss: uniform - mean of ingredients",
        "different inits, accuracy: uniform - mean of ingredients",
        "accuracy of uniform: shared warm-up - different inits",
        "barrier: different inits - shared warm-up",
    ],
    "papers/density.py": [
        "0.6 dense, 0.3 kept: density - prototypes",
        "0.6 dense, 0.3 kept: density - random",
        "0.6 dense, 0.3 kept: balanced prototypes - random",
    ],
}


@pytest.fixture(scope="module", params=[pytest.param(name, marks=MINUTES) for name in PAPERS_OF_FILES])
def paper_of_files(request: pytest.FixtureRequest) -> tuple[str, str]:
    said = run(request.param, "--quick")
    assert said.returncode == 0, said.stderr
    return request.param, said.stdout


def test_papers_of_files_show_the_directions_that_must_hold(paper_of_files: tuple[str, str]) -> None:
    name, said = paper_of_files
    rows = {line.split("  ")[0]: line for line in said.splitlines() if line}
    for claim in PAPERS_OF_FILES[name]:
        expected, value, low, high = re.search(
            r"(below|above) 0 +([+-][\d.]+) \(([+-][\d.]+) to ([+-][\d.]+)\)", rows[claim]
        ).groups()
        assert float(low) <= float(value) <= float(high)
        assert (float(high) < 0) if expected == "below" else (float(low) > 0), rows[claim]
        assert rows[claim].endswith("  held")


def test_papers_of_files_say_in_the_last_line_what_held(paper_of_files: tuple[str, str]) -> None:
    name, said = paper_of_files
    *table, last = said.strip().splitlines()
    verdicts = [line for line in table if re.search(r"(below|above) 0 ", line)]
    n_held = sum(line.endswith("  held") for line in verdicts)
    assert f"{n_held} of {len(verdicts)} directions held" in last
    for line in verdicts:
        assert line.endswith("  held") or line.split("  ")[0] in last
    if "identity" in said:
        n_exact = len(re.findall(r"  yes$", said, re.MULTILINE))
        assert re.search(rf"the gate, .*: held; {n_exact} of {n_exact} identities are exact", last)
        assert n_exact >= 4


def test_papers_brevity_reads_more_files_of_the_same_bytes(paper_of_files: tuple[str, str]) -> None:
    name, said = paper_of_files
    if name == "papers/brevity.py":
        read = dict(re.findall(r"^0\.4 MB  (.*?)  +[\d.]+ +[\d.]+ +(\d+) +\d+$", said, re.MULTILINE))
        assert int(read["drop shortest 50%"]) < int(read["random 50%"]) < int(read["drop longest 50%"])


def naive_nats(train: list[bytes], text: bytes, order: int, strength: float) -> float:
    """Score a text by counting n-grams in dictionaries."""
    seen: Counter[bytes] = Counter()
    begin = b"\0" * order
    for visit in train:
        padded = begin + visit
        for end in range(order, len(padded) + 1):
            seen.update(padded[end - size : end] for size in range(order + 1))
    padded, nats = begin + text, 0.0
    for end in range(order + 1, len(padded) + 1):
        probability = 1 / 256
        for size in range(1, order + 1):
            gram = padded[end - size : end]
            probability = (seen[gram] + strength * probability) / (seen[gram[:-1]] + strength)
        nats -= math.log(probability)
    return nats


def test_the_papers_language_model_agrees_with_counting() -> None:
    model = load("papers/byte_ngram")
    stream = generator(0, "texts")
    visits = [stream.integers(97, 101, size).astype(np.uint8).tobytes() for size in (300, 1, 40, 900)]
    train, test = [visits[0], visits[1], visits[3], visits[1]], [visits[2], b"\0abc", visits[1]]
    # of enough slots no two n-grams meet
    model.SLOTS_PER_BYTE = 20_000.0
    found = model.nats_of(model.read(train), model.read(test))
    assert found == pytest.approx([naive_nats(train, text, model.ORDER, model.STRENGTH) for text in test])


@pytest.mark.usefixtures("papers")
def test_the_papers_network_learns_is_repeatable_and_scores_every_byte_once() -> None:
    module = load("papers/byte_network")
    alphabet = generator(0, "network").integers(97, 105, 12).astype(np.uint8).tobytes()
    visits, texts = [alphabet * 500] * 3, [alphabet * 10, b"", b"zq" * 200, b"x"]
    seen, nothing, unlike, one = (found := module.gru_nats(visits, texts, seed=1)).tolist()
    assert seen / len(texts[0]) < 1.0 < unlike / len(texts[2])
    assert nothing == 0
    assert one > 0
    assert module.gru_nats(visits, texts, seed=1).tolist() == found.tolist()
    assert module.gru_nats(visits, texts, seed=2).tolist() != found.tolist()
    network, text = module.ByteNetwork(0), bytes(range(97, 123)) * 20
    codes = np.frombuffer(b"\0" + text, np.uint8).astype(np.int64)
    naive = 0.0
    for begin in range(0, len(text), module.WINDOW):  # each window begins without a memory
        window = module.torch.from_numpy(codes[begin : begin + module.WINDOW + 1])[None]
        naive += float(network.nats(window).sum())
    assert module._cost(network, text) == pytest.approx(naive, rel=1e-5)


def test_a_verdict_is_of_the_whole_interval() -> None:
    module = load("papers/expectations")
    for low, high, below, above in (
        (-2, -1, module.HELD, module.FAILED),
        (1, 2, module.FAILED, module.HELD),
        (-1, 1, module.NOT_SHOWN, module.NOT_SHOWN),
    ):
        measured = Interval((low + high) / 2, low, high, 3)
        assert module.Expectation("", "below 0", measured).verdict == below
        assert module.Expectation("", "above 0", measured).verdict == above
        assert module.Expectation("", "any", measured).verdict == module.REPORTED


def test_the_papers_intervals_hold_what_files_and_seeds_differ_by() -> None:
    module = load("papers/expectations")
    bytes_, package = np.array([10, 30, 10]), np.array([0, 0, 1])
    one = [module.bits_by_package(bytes_ * math.log(2) * seed, bytes_, package, seed) for seed in (1, 2, 4)]
    other = [module.bits_by_package(bytes_ * math.log(2), bytes_, package, seed) for seed in (1, 2, 4)]
    # packages are alike in each seed, so only the seeds' differences 0, 1 and 3 make an interval
    found = module.difference(one, other)
    assert (found.value, found.low, found.high, found.n) == pytest.approx((4 / 3, 0, 3, 3))
    nats = np.array([10, 90, 10]) * math.log(2)
    # 100 bits of 40 bytes and 10 of 10: a draw is of both, of one twice, or of the other twice
    draws = module.bits_by_package(nats, bytes_, package, 0)
    assert draws[0] == pytest.approx(110 / 50)
    assert sorted(set(draws[1:].round(9).tolist())) == pytest.approx([1.0, 2.2, 2.5])


# --- papers: prototypes, SemDeDup and density, what they are built of


@pytest.fixture
def papers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES / "papers"))


def test_an_interval_over_seeds_is_students() -> None:
    module = load("papers/expectations")
    # the mean of 1, 2 and 3 has a standard error of 1 / sqrt(3), and t of 2 degrees of freedom is 4.302653
    found = module.by_seed([2, 4, 6], [1, 2, 3])
    half = 4.302653 / math.sqrt(3)
    assert (found.value, found.low, found.high, found.n) == pytest.approx((2, 2 - half, 2 + half, 3))


@pytest.mark.usefixtures("papers")
@pytest.mark.parametrize("form", ["power", "exponential"])
@given(st.floats(0.1, 3), st.floats(0.2, 3), st.floats(0.05, 2))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_curve_of_loss_is_fitted_and_told_from_the_other_form(
    form: str, floor: float, height: float, rate: float
) -> None:
    growth = load("papers/growth")
    amount = 1000 * 2.0 ** np.arange(7)
    times = amount / amount[0]
    loss = floor + height * (times**-rate if form == "power" else np.exp(-rate * (times - 1)))
    fits = {one: growth.fitted(one, amount[:-2], loss[:-2]) for one in growth.FORMS}
    scores = {one: growth.held_out_score(fit, amount[-2:], loss[-2:]) for one, fit in fits.items()}
    assert min(scores, key=scores.__getitem__) == form
    assert fits[form](amount) == pytest.approx(loss, abs=0.01 * height)
    assert fits[form].height + fits[form].floor == pytest.approx(loss[0], abs=0.01 * height)


@pytest.mark.usefixtures("papers")
def test_the_papers_student_has_the_widest_margin() -> None:
    widest_margin = load("papers/prototypes").widest_margin
    # the hull of the first two is nearest to the origin at (3, 0); the third is behind them
    found = widest_margin(np.array([[3.0, 1.0], [3.0, -1.0], [9.0, 5.0]]))
    assert found / np.linalg.norm(found) == pytest.approx([1, 0])
    points = generator(0, "points").standard_normal((60, 5))
    points *= np.sign(points[:, :1])
    found = widest_margin(points) / np.linalg.norm(widest_margin(points))
    margin = (points @ found).min()
    others = found + generator(0, "others").standard_normal((500, 5)) * 0.01
    others /= np.linalg.norm(others, axis=1, keepdims=True)
    assert margin > 0
    assert (points @ others.T).min(axis=0).max() <= margin


@pytest.mark.usefixtures("papers")
def test_the_papers_cuts_keep_the_far_the_near_and_of_each_class() -> None:
    kept_by = load("papers/prototypes").kept_by
    distance, labels = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0, 0, 1, 1], np.int32)
    assert kept_by("hard", distance, 0.5, 0).tolist() == [False, False, True, True]
    assert kept_by("easy", distance, 0.5, 0).tolist() == [True, True, False, False]
    assert kept_by("hard", distance, 0.5, 0, labels).tolist() == [False, True, False, True]
    assert kept_by("easy", distance, 0.5, 0, labels).tolist() == [True, False, True, False]
    assert kept_by("random", distance, 0.5, 0).sum() == 2


@pytest.mark.usefixtures("papers")
def test_the_papers_planted_copies_are_as_alike_as_they_are_said_to_be() -> None:
    vectors = load("papers/planted_copies").planted(400, 20, 0).astype(np.float64)
    originals, copies, links = vectors[:400], vectors[400:500], vectors[500:].reshape(10, 20, -1)
    assert (originals[:100] * copies).sum(axis=1) == pytest.approx(0.995, abs=0.003)
    steps = np.concatenate([originals[None, 380:], links])
    assert (steps[1:] * steps[:-1]).sum(axis=2) == pytest.approx(0.98, abs=0.015)
    assert (steps[0] * steps[-1]).sum(axis=1).max() < 0.95
    unlike = originals @ originals.T - 2 * np.eye(400)
    assert unlike.max() < 0.95  # nothing else is a duplicate


@pytest.mark.usefixtures("papers")
def test_the_papers_scenes_are_drawn_by_whole_groups_and_cells_and_pruned_to_size() -> None:
    pug, scenes = load("papers/pug"), load("papers/rendered_pool")
    found = scenes.pool("small", materials=2, environments=2)
    assert Counter(found.block.tolist()) == {"duplicates": 72, "yaw": 16, "factorial": 40}
    assert {name: len(factor.levels) for name, factor in found.factors.items()}["shape"] == 10
    blocks = ("duplicates", "factorial")
    rows, others = (scenes.drawn_rows(found, blocks, 0, others=other) for other in (False, True))
    assert sorted([*rows, *others]) == np.flatnonzero(found.block != "yaw").tolist()
    for unit, is_block in (
        (found.group, found.block == "duplicates"),
        (found.cell, found.block == "factorial"),
    ):
        one, other = (set(unit[part[is_block[part]]].tolist()) for part in (rows, others))
        assert one
        assert not one & other
    # one direction for each group: what SemDeDup leaves is one picture of each
    vectors = np.eye(200, dtype=np.float16)[found.group]
    drawn = scenes.Drawn.of(rows, vectors, 0)
    n_groups = len(np.unique(found.group[rows]))
    kept = pug.kept_by("semdedup", drawn, n_groups, 0)
    assert len(np.unique(found.group[rows][kept])) == len(kept) == n_groups
    assert (drawn.witness[drawn.nearest < 1] >= 0).all()
    for arm in pug.ARMS:
        kept = pug.kept_by(arm, drawn, 20, 0)
        assert len(np.unique(kept)) == 20, arm
    precision, recall = pug.shares(found, drawn).T
    assert precision.tolist() == recall.tolist() == [1.0] * len(pug.LIMITS)


def test_papers_semdedup_names_files_that_go_and_why(paper_of_files: tuple[str, str]) -> None:
    name, said = paper_of_files
    if name == "papers/semdedup.py":
        told = re.findall(
            r"^  (\S+\.py) goes because of (\S+\.py), cosine ([\d.]+), shared", said, re.MULTILINE
        )
        assert told
        assert all(one != other and 0 < float(cosine) <= 1 for one, other, cosine in told)
        asked = re.findall(r"(0\.\d) / (\d\.\d+)", said.partition("asked for / kept by a line")[2])
        assert [fraction for fraction, _ in asked][:4] == ["0.9", "0.7", "0.5", "0.3"]


# --- papers: density on images, what it is built of


@pytest.fixture
def pool(papers: None) -> Any:
    """Return a pool of coloured squares in place of renderings: a shape has its colour, a material its shade."""
    module = importlib.import_module("scene_pools")
    counts = SceneSet(materials=4, environments=3, draws=1, complexities=(1, 3), scenes_of_a_shape=6)
    listed = module.scenes(counts, 1)
    cells = {one.scene.triple: number for number, one in enumerate(listed)}
    draw = generator(0, "pool")
    shape = np.array([SHAPES.index(one.scene.shape) for one in listed])
    pixels = draw.integers(0, 40, (len(listed), 8, 8, 3), dtype=np.uint8)
    pixels += np.array([[20 * n, 200 - 20 * n, 100 * (n % 2)] for n in range(10)], np.uint8)[shape][
        :, None, None
    ]
    vectors = unit_float16(np.eye(16, dtype=np.float32)[shape] + draw.normal(0, 0.1, (len(listed), 16)))
    return module.ScenePool(
        listed, pixels, vectors, shape, np.array([cells[one.scene.triple] for one in listed]),
        module.splits(listed, 1), np.array([one.complexity for one in listed]),
    )  # fmt: skip


def test_a_pool_of_scenes_holds_out_combinations_and_trains_on_all_that_is_dense(pool: Any) -> None:
    n_of = {split: len(pool.rows(split)) for split in ("train", "validation", "test", "ood")}
    assert sum(n_of.values()) == len(pool.documents) == 120 + 60
    assert min(n_of.values()) > 5
    assert set(pool.cell[pool.rows("ood")]).isdisjoint(pool.cell[pool.split != "ood"])
    assert (pool.split[pool.complexity > 0] == "train").all()
    assert sorted(set(pool.complexity.tolist())) == [0, 1, 3]


def test_every_arm_of_density_on_images_keeps_as_many_of_the_training_images(pool: Any) -> None:
    module = importlib.import_module("density_images")
    kept = {arm: module.kept_by(pool, arm, 6, 0) for arm in module.ARMS}
    asked = int(len(pool.rows("train")) * module.KEPT)
    for rows in kept.values():
        assert len(rows) == asked
        assert set(rows.tolist()) <= set(pool.rows("train").tolist())
    assert len({tuple(rows.tolist()) for rows in kept.values()}) == len(module.ARMS)
    assert kept["random"].tolist() != module.kept_by(pool, "random", 6, 1).tolist()


@pytest.mark.parametrize(("objective", "better_than"), [("label", 0.5), ("contrastive", 0.25)])
def test_density_on_images_trains_what_tells_shapes(pool: Any, objective: str, better_than: float) -> None:
    module = importlib.import_module("density_images")
    given = (pool, pool.rows("train"), objective, 640, 0)
    found = module.trained(*given)
    assert max(found.validation, found.test) > better_than, "chance is .1"
    assert 0 <= found.ood <= 1
    assert module.trained(*given) == found


# --- papers: grounding, what it is built of


@pytest.mark.usefixtures("papers")
def test_the_papers_digits_move_by_what_is_asked() -> None:
    network = load("papers/grounding_network")
    image = network.torch.zeros((1, 1, 16, 16))
    image[0, 0, 6, 7] = 1
    still = np.array([[0, 0, 1]], np.float32)
    assert network.torch.allclose(network.moved(image, still), image, atol=1e-6)
    by = np.array([[3 / 16, -2 / 16, 1]], np.float32)  # three down, two to the left
    found = network.moved(image, by)
    assert float(found[0, 0, 9, 5]) == pytest.approx(1, abs=1e-5)
    assert float(found.sum()) == pytest.approx(1, abs=1e-5)
    block = network.torch.zeros((1, 1, 16, 16))
    block[0, 0, 4:12, 4:12] = 1
    half = network.moved(block, np.array([[0, 0, 0.5]], np.float32))
    assert float(half.sum()) == pytest.approx(16, abs=0.1)  # a quarter of the area
    assert float(half[0, 0, 6:10, 6:10].sum()) == pytest.approx(16, abs=0.1)
    draw = generator(0, "moves")
    found = {arm: network.moves(arm, 200, draw) for arm in network.ARMS}
    assert np.ptp(found["none"], axis=0).tolist() == [0, 0, 0]
    assert (np.ptp(found["translation"], axis=0) > 0).tolist() == [True, True, False]
    assert (np.ptp(found["scale"], axis=0) > 0).tolist() == [False, False, True]
    assert (np.ptp(found["crop"], axis=0) > 0).all()
    assert np.abs(found["crop"][:, :2]).max() <= network.SHIFT
    assert network.SMALL <= found["crop"][:, 2].min() < 1 < found["crop"][:, 2].max() <= network.LARGE


@pytest.mark.usefixtures("papers")
def test_the_papers_digit_network_learns_is_repeatable_and_its_invariance_is_the_librarys() -> None:
    network, grounding = load("papers/grounding_network"), load("papers/grounding")
    train, rest = network.digits(0)
    assert (len(train.labels), len(rest.labels)) == (1200, 597)
    assert train.images[:, :, :4].max() == 0
    small = network.Digits(train.images[:300], train.labels[:300])
    test = network.Digits(rest.images[:100], rest.labels[:100])
    plain = network.trained(small, "none", 6, 1)
    assert (
        plain.accuracy(test.images, test.labels)
        > 0.5
        > 0.2
        > network.DigitNetwork(1).accuracy(test.images, test.labels)
    )
    again = network.trained(small, "none", 6, 1)
    assert again.embedded(test.images).tobytes() == plain.embedded(test.images).tobytes()
    other = network.trained(small, "translation", 1, 1, once=True)
    assert other.embedded(test.images).tobytes() != plain.embedded(test.images).tobytes()
    found = grounding.measured(plain, test, 0)
    assert found.plain == plain.accuracy(test.images, test.labels)
    shifted = network.moved(test.images, grounding.probes(100, 0)["shifted"])
    expected = response(
        plain.embedded(test.images), plain.embedded(shifted), draws=2, stream=generator(0, "response")
    )
    assert found.to_shift == expected.median.value < 1


# --- the notebook


def test_the_first_look_runs_cell_by_cell_and_shows_a_table_and_a_chart() -> None:
    book = json.loads((EXAMPLES / "first_look.ipynb").read_text())
    cells = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    names: dict[str, Any] = {}
    shown = [value_of("".join(cell["source"]), names) for cell in cells]
    for cell, value in zip(cells, shown, strict=True):
        assert bool(cell["outputs"]) == (value is not None)
    corpus, mixture, table, sentence, chart, row = shown
    assert len(mixture) == int(len(corpus) * 0.9)
    html = table._repr_html_()
    assert html.count("<tr>") == 13
    assert sentence.startswith(f"document {table['id'][0]} is dropped by semdedup")
    assert chart._repr_mimebundle_()[0]["image/png"].startswith(b"\x89PNG")
    assert row["row"] == max(names["half"].dropped["row"])
    stored = [kind for cell in cells for output in cell["outputs"] for kind in output["data"]]
    assert {"text/html", "image/png"} <= set(stored)


def value_of(source: str, names: dict[str, Any]) -> Any:
    """Run a cell, and return what its last line is worth, as a notebook shows it."""
    tree = ast.parse(source)
    last = tree.body.pop()
    assert isinstance(last, ast.Expr)
    exec(compile(tree, "a cell", "exec"), names)  # the cells are the repository's own
    return eval(compile(ast.Expression(last.value), "a cell", "eval"), names)


# --- papers: blind agents


@pytest.fixture(scope="module")
def agents(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, Any, Any]:
    from resources.navigation_settings import NavigationSettings

    pools = load("papers/agent_pools")
    pools.FOLDER = tmp_path_factory.mktemp("agents")
    asked = NavigationSettings(
        maze_size=9, train_mazes=200, held_out_mazes=60, imitation_steps=1, reward_steps=0, single_tasks=30,
        repeated_tasks=4, task_repeats=5, held_out_tasks=20,
    )  # fmt: skip
    return pools, asked, pools.policy("recurrent-0", asked)


def test_policies_of_agents_are_trained_once_and_mazes_of_probes_are_apart(
    agents: tuple[ModuleType, Any, Any],
) -> None:
    pools, asked, policy = agents
    (folder,) = (path for path in pools.FOLDER.iterdir() if path.is_dir())
    written = (folder / "policy" / "model.safetensors").stat().st_mtime_ns
    again = pools.policy("recurrent-0", asked)
    assert (folder / "policy" / "model.safetensors").stat().st_mtime_ns == written
    assert again.config == policy.config
    one, other = ({walls.tobytes() for walls in side} for side in pools.sides(asked))
    assert one
    assert other
    assert not one & other


def test_episodes_of_agents_repeat_tasks_or_do_not(agents: tuple[ModuleType, Any, Any]) -> None:
    pools, asked, policy = agents
    found = pools.corpus(policy, pools.REPEATED, asked, 1)
    assert sorted(Counter(found.task).values()) == [1] * 30 + [5] * 4
    assert len(found.walks) == len(found.vectors) == 50
    assert set(found.moments.of_walk.tolist()) <= set(range(50))
    assert len(set(pools.corpus(policy, pools.DISTINCT, asked, 1).task)) >= 48, "a small maze may recur"
    assert pools.corpus(policy, pools.REPEATED, asked, 2).task != found.task


@pytest.mark.usefixtures("papers")
def test_pruned_episodes_of_agents_keep_what_is_asked_and_witnesses_are_counted(
    agents: tuple[ModuleType, Any, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    pools, asked, policy = agents
    paper = load("papers/agent_curation")
    found = pools.corpus(policy, pools.REPEATED, asked, 0)
    plan = dataclasses.replace(paper.QUICK, navigation=asked, updates=2)
    every = {paper.EVERYTHING} | {(arm, share) for arm in paper.ARMS for share in paper.KEPT}
    masks = paper.arms(found, 0)
    assert {arm: int(kept.sum()) for arm, kept in masks.items()} == {
        (arm, share): round(50 * share) for arm, share in every
    }
    judge = paper.Judge(found, pools.sides(asked)[1], plan)
    judged = paper.judged(found, judge, 0, clones=True)
    assert set(judged) == {"probe", "clone"}
    assert set(judged["probe"]) == set(judged["clone"]) == every
    assert all(0 <= success <= 1 for success in judged["clone"].values())
    assert "semdedup    50%:" in capsys.readouterr().out
    twins = dataclasses.replace(
        found, task=["a"] * 25 + ["b"] * 25, vectors=np.repeat(np.eye(2, 5, dtype=np.float32), 25, axis=0)
    )
    assert paper.witness_share(twins) == 1.0
    apart = dataclasses.replace(twins, task=["a", "b"] * 25)
    assert paper.witness_share(apart) < 0.9


@pytest.mark.usefixtures("papers")
def test_arms_of_episodes_are_compared_seed_by_seed() -> None:
    paper = load("papers/agent_curation")
    every = [
        {("everything", 1.0): 0.9}
        | {("semdedup", s): 0.8 + n / 100 for s in paper.KEPT}
        | {("random", s): 0.7 + n / 100 for s in paper.KEPT}
        | {("density", s): 0.75 for s in paper.KEPT}
        for n in range(3)
    ]
    told = {one.claim: one for one in paper.expected(paper.REPEATED, "probe", every)}
    won = told["with repeats, 50% kept, probe: semdedup - random"]
    assert won.measured.value == pytest.approx(0.1)
    assert won.verdict == "held"
    assert told["with repeats, 50% kept, probe: semdedup - all"].measured.value == pytest.approx(-0.09)
    assert len(told) == 5
    alone = paper.expected(paper.DISTINCT, "probe", every)
    assert len(alone) == 4
    assert {one.direction for one in alone} == {"any"}


@pytest.mark.usefixtures("papers")
def test_margins_of_blind_agents_are_taken_off_and_excursions_compared() -> None:
    paper = load("papers/blind_agents")
    moved = paper._less(Interval(0.5, 0.4, 0.6, 3), 0.1)
    assert (round(moved.value, 9), round(moved.low, 9), round(moved.high, 9), moved.n) == (0.4, 0.3, 0.5, 3)
    every = [
        {f"place on {where}, {ago} actions ago": {"trained": far + n / 10, "untrained": far / 2}
         for where, far in (("excursions", 3.0), ("the way", 1.0)) for ago in (10, 20)}
        for n in range(3)
    ]  # fmt: skip
    told = paper.of_excursions(every)
    assert [round(one.measured.value, 6) for one in told] == [2.0, 1.0, 2.0, 1.0]
    assert [one.direction for one in told] == ["above 0", "any"] * 2
    areas = {"trained": 0.9, "untrained": 0.8, "observation": 0.87, "shuffled": 0.5}
    names = ("occupancy, explored", "occupancy, old", "collision, all units", "collision, 4 units")
    judged = paper.of_probes("recurrent-0", dict.fromkeys(names, areas))
    assert list(judged.values()) == [False, False, True, False]


@pytest.mark.usefixtures("papers")
def test_second_trips_begin_with_what_each_arm_holds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from guyot.navigation.mazes import mazes
    from resources.navigation.policy_settings import PolicySettings

    paper = load("papers/memory_transplant")
    monkeypatch.setattr(paper, "FOLDER", tmp_path)
    walls = mazes(0, 20, size=7)
    settings = PolicySettings(
        n_agents=16,
        rollout_steps=8,
        minibatch_agents=8,
        n_tasks=200,
        imitation_steps=128 * 40,
        reward_steps=0,
    )
    agent = paper.first_agent(walls, settings)
    (folder,) = tmp_path.iterdir()
    written = (folder / "model.safetensors").stat().st_mtime_ns
    paper.first_agent(walls, settings)
    assert (folder / "model.safetensors").stat().st_mtime_ns == written
    found = paper.trips(agent, walls, 60, "learnt")
    n = len(found.first)
    assert 0 < n < 60
    assert {arm: held.shape for arm, held in found.memories.items()} == dict.fromkeys(
        (paper.OWN, paper.ZERO, paper.UNTRAINED), (n, 128)
    )
    assert not found.memories[paper.ZERO].any()
    assert not np.allclose(found.memories[paper.OWN], found.memories[paper.UNTRAINED])
    plan = paper.Plan(
        settings, dataclasses.replace(settings, imitation_steps=0, reward_steps=128), 20, 60, 60, 1
    )
    second = paper.second_agent(agent, found, "back", paper.OWN, plan, 0)
    other = paper.second_agent(agent, found, "again", paper.ZERO, plan, 0)
    for made, way, arm in ((second, "back", paper.OWN), (other, "again", paper.ZERO)):
        begun = paper.Beginning(paper.weights_of(agent), found.second[way], found.memories[arm])
        assert made.config["beginning"] == begun.fingerprint()
    success, value = paper.spl_of(second, found, "back", paper.OWN)
    assert 0 <= value <= success <= 1
    paper.ceiling(found)
    assert "back   a planner that knows where it walked: success 1.000" in capsys.readouterr().out
