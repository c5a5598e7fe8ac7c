"""Training: it learns real code, spends its budget exactly, and repeats itself."""

import functools
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.training_states import Killed, States

from guyot.errors import EvaluationError, SettingError
from guyot.train import bits_per_byte, plan, segments, steps_that_saw
from resources.models import language_model, reproducibility
from resources.models.tokenizer import TextTokenizer, train_tokenizer
from resources.models.trainer import Trainer, TrainingResult
from resources.settings import Settings

SMALL = {
    "training.model_width": 32, "training.model_layers": 1, "training.model_heads": 2, "training.window_tokens": 64,
    "training.batch_windows": 4, "training.learning_rate": 1e-2,
}  # fmt: skip
N_TOKENS = 60_100


@functools.lru_cache(maxsize=1)
def code() -> tuple[TextTokenizer, list[str]]:
    """Read files of the standard library, and train a tokenizer on them."""
    paths = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[:40]
    texts = [path.read_text("utf-8", "replace")[:4000] for path in paths]
    return TextTokenizer(train_tokenizer(texts, 400)), texts


def _trainer(train_tokens: int = N_TOKENS, **changed: float) -> Trainer:
    return Trainer(settings=Settings.of(training__tokens=train_tokens, **{**SMALL, **changed}))


def _train(trainer: Trainer, seed: int = 0, **given: Any) -> TrainingResult:
    tokenizer, texts = code()
    tokens = tokenizer.encode(texts[:30])
    counts = np.array([len(ids) for ids in tokens])
    schedule = plan(counts, trainer.settings.training.tokens, 0)
    stream = (tokens[segment.row][: segment.n_tokens] for segment in segments(schedule))
    return trainer.train(stream, vocabulary_size=tokenizer.vocabulary_size, seed=seed, **given)


def test_training_learns_code_and_beats_the_untrained_model_on_held_out_files() -> None:
    trainer = _trainer()
    tokenizer, texts = code()
    result = _train(trainer)
    assert result.losses[-10:].mean() < result.losses[:3].mean() - 1
    held_out = [ids[:300] for ids in tokenizer.encode(texts[30:])]
    size = np.array([tokenizer.token_bytes[ids].sum() for ids in held_out])
    untrained = language_model.weights_of(language_model.new_model(result.config["model"], 0))
    assert reproducibility.digest(untrained) == result.init
    bits = [
        bits_per_byte(trainer.evaluate(weights, result.config, held_out), size, draws=100, seed=0).value
        for weights in (untrained, result.weights)
    ]
    assert bits[1] < 0.8 * bits[0]


def test_the_budget_is_spent_to_the_token_and_the_last_step_is_short() -> None:
    trainer = _trainer(600)
    result = _train(trainer)
    assert result.steps.tolist() == [0, 1, 2]
    assert result.step_tokens.tolist() == [256, 512, 600]
    assert result.tokens == 600


def test_steps_of_the_schedule_are_steps_of_the_training() -> None:
    trainer, seen = _trainer(600), []
    schedule = plan(np.array([300, 300]), 600, 0)
    marks = [np.full(300, row + 5, np.int32) for row in range(2)]
    stream = (marks[segment.row][: segment.n_tokens] for segment in segments(schedule))
    for step, batch in enumerate(trainer._batches(stream)):
        seen += [(step, row) for row in range(2) if (batch.inputs == row + 5).any()]
    for row in range(2):
        steps = steps_that_saw(schedule, row, 256).tolist()
        assert steps == [step for step, found in seen if found == row]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    first, again = _train(_trainer(3000)), _train(_trainer(3000))
    assert first.losses.tolist() == again.losses.tolist()
    assert (first.weights, first.init) == (again.weights, again.init)
    other = _train(_trainer(3000), seed=1)
    assert other.init != first.init
    assert other.losses.tolist() != first.losses.tolist()


@pytest.mark.parametrize(("held", "says"), [(700, "hold more"), (500, "hold 500")])
def test_documents_that_are_not_the_budget_are_refused(held: int, says: str) -> None:
    with pytest.raises(SettingError, match=f"training.tokens=600, but the documents {says}"):
        _trainer(600).train([np.zeros(held, np.int32)], vocabulary_size=300, seed=0)


def test_documents_without_text_are_refused() -> None:
    documents = [np.zeros(1, np.int32)] * 600
    with pytest.raises(SettingError, match="nothing to predict"):
        _trainer(600).train(documents, vocabulary_size=300, seed=0)


def test_a_diverged_training_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    healthy = language_model.target_losses
    monkeypatch.setattr(language_model, "target_losses", lambda *given: healthy(*given) * float("nan"))
    with pytest.raises(EvaluationError, match="loss is nan at step 0 of 3 with training.learning_rate"):
        _train(_trainer(600))


def test_progress_counts_tokens() -> None:
    told: list[int] = []
    documents = [np.arange(300, dtype=np.int32)] * 2
    _trainer(600).train(documents, vocabulary_size=300, seed=0, progress=told.append)
    assert told == [256, 512, 600]


def test_two_trainings_side_by_side_give_the_bytes_of_each_alone() -> None:
    trainer = _trainer(10_000)
    alone = [_train(trainer, seed) for seed in (0, 1)]
    with ThreadPoolExecutor(2) as pool:
        beside = list(pool.map(lambda seed: _train(trainer, seed), (0, 1)))
    for one, other in zip(alone, beside, strict=True):
        assert one.weights == other.weights
        assert np.array_equal(one.losses, other.losses)
    assert alone[0].init != alone[1].init


def _kill_at(tokens: int) -> Any:
    def progress(done: int) -> None:
        if done >= tokens:
            raise Killed

    return progress


@pytest.mark.parametrize(
    ("killed_at", "kept"), [(1, []), (3 * 256, [3]), (8 * 256, [3, 6]), (2500, [3, 6, 9])]
)
def test_a_killed_training_goes_on_to_the_same_bytes(killed_at: int, kept: list[int]) -> None:
    trainer, states = _trainer(2600, **{"training.checkpoint_steps": 3}), States()
    undisturbed = _train(trainer)
    with pytest.raises(Killed):
        _train(trainer, saved=states, progress=_kill_at(killed_at))
    assert sorted(states.kept) == kept
    done: list[int] = []
    resumed = _train(trainer, saved=states, progress=done.append)
    assert len(done) == 11 - max(kept, default=0)
    assert done[-1] == 2600
    assert resumed.weights == undisturbed.weights
    assert resumed.losses.tolist() == undisturbed.losses.tolist()
    assert resumed.steps.tolist() == undisturbed.steps.tolist()
    assert resumed.step_tokens.tolist() == undisturbed.step_tokens.tolist()
    assert (resumed.init, resumed.config) == (undisturbed.init, undisturbed.config)
    assert resumed.wall_seconds > 0


@pytest.mark.parametrize("change", [{"seed": 1}, {"training.learning_rate": 1e-3}, {"initial": True}])
def test_a_state_of_another_training_is_left_alone(change: dict[str, Any]) -> None:
    states = States()
    every = {"training.checkpoint_steps": 3}
    first = _train(_trainer(2600, **every), saved=states)
    assert max(states.kept) == 9
    given = {"seed": change.get("seed", 0)} | ({"initial": first.weights} if "initial" in change else {})
    settings = {name: value for name, value in change.items() if name.startswith("training.")}
    other = _train(_trainer(2600, **every, **settings), **given)
    beside = _train(_trainer(2600, **every, **settings), **given, saved=states)
    assert other.weights == beside.weights != first.weights


def test_a_training_begins_with_the_weights_that_it_is_given() -> None:
    first = _train(_trainer(3000))
    went_on = _train(_trainer(3000), initial=first.weights)
    assert went_on.init == reproducibility.digest(first.weights)
    assert went_on.losses[0] < first.losses[0] - 0.3
    assert _train(_trainer(3000), seed=5, initial=first.weights).weights == went_on.weights
