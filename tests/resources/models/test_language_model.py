"""The language model: what a token sees, and weights that come back as they were."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from guyot.errors import CorruptError, SettingError
from resources.models import language_model, reproducibility
from resources.models.packing import batches
from resources.settings import Settings

SETTINGS = Settings.of(
    training__model_width=16, training__model_layers=2, training__model_heads=2, training__window_tokens=16
)
SHAPE = language_model.shape(SETTINGS, 50)


def _document(seed: int, n_tokens: int) -> np.ndarray:
    return np.random.Generator(np.random.PCG64(seed)).integers(0, 50, n_tokens).astype(np.int32)


def _losses(documents: list[np.ndarray]) -> np.ndarray:
    model = language_model.new_model(SHAPE, 0)
    batch = next(batches(documents, 16, 1))
    with torch.inference_mode():
        return language_model.target_losses(model, batch, "float32")[0].numpy()


def test_a_document_does_not_see_the_one_before_it() -> None:
    after_one = _losses([_document(1, 6), _document(3, 10)])
    after_other = _losses([_document(2, 6), _document(3, 10)])
    alone = _losses([_document(3, 10)])
    assert np.abs(after_one[:5] - after_other[:5]).min() > 1e-4
    assert np.array_equal(after_one[6:], after_other[6:])
    assert np.allclose(after_one[6:], alone[:10], atol=1e-5)


def test_a_token_sees_the_earlier_ones_of_its_document_and_no_later_one() -> None:
    document = _document(3, 16)
    early, late = document.copy(), document.copy()
    early[2] = (early[2] + 1) % 50
    late[12] = (late[12] + 1) % 50
    losses = _losses([document])
    assert np.abs(losses[3:15] - _losses([early])[3:15]).max() > 1e-5
    # token 11 has another target; up to 10 nothing has changed
    assert np.array_equal(losses[:11], _losses([late])[:11])


def test_a_token_without_target_costs_nothing() -> None:
    losses = _losses([_document(1, 6), _document(2, 4)])
    assert losses[[5, 9, 10, 15]].tolist() == [0, 0, 0, 0]
    assert (losses[[0, 4, 6, 8]] > 0).all()


def test_weights_come_back_and_seeds_tell_models_apart() -> None:
    model = language_model.new_model(SHAPE, 0)
    weights = language_model.weights_of(model)
    again = language_model.load_model(SHAPE, weights)
    assert language_model.weights_of(again) == weights
    assert again.lm_head.weight is again.model.embed_tokens.weight
    assert language_model.weights_of(language_model.new_model(SHAPE, 0)) == weights
    other = language_model.weights_of(language_model.new_model(SHAPE, 1))
    assert reproducibility.digest(other) != reproducibility.digest(weights)


def test_a_new_model_leaves_the_global_stream_alone() -> None:
    before = torch.random.get_rng_state()
    language_model.new_model(SHAPE, 0)
    assert torch.equal(before, torch.random.get_rng_state())


def test_weights_of_another_shape_are_refused() -> None:
    weights = language_model.weights_of(language_model.new_model(SHAPE, 0))
    for wrong in ({"vocab_size": 51}, {"num_hidden_layers": 1}, {"num_hidden_layers": 3}):
        with pytest.raises(CorruptError, match="train the run again"):
            language_model.load_model({**SHAPE, **wrong}, weights)
    with pytest.raises(CorruptError, match="5 bytes are not the weights"):
        language_model.load_model(SHAPE, b"wrong")


@pytest.mark.parametrize(("width", "heads"), [(16, 3), (18, 6)])
def test_heads_that_do_not_split_the_width_are_refused(width: int, heads: int) -> None:
    with pytest.raises(SettingError, match=f"training.model_width={width} over training.model_heads={heads}"):
        language_model.shape(Settings.of(training__model_width=width, training__model_heads=heads), 50)


def test_deterministic_restores_what_was() -> None:
    import torch.utils.deterministic as memory

    def state() -> tuple[bool, bool, int]:
        enabled = torch.are_deterministic_algorithms_enabled()
        return enabled, memory.fill_uninitialized_memory, torch.get_num_threads()

    before = state()
    with reproducibility.deterministic(before[2] + 1):
        assert state() == (True, False, before[2] + 1)
    assert state() == before


def test_the_last_of_several_threads_restores_what_was() -> None:
    before, within = torch.are_deterministic_algorithms_enabled(), list[bool]()
    both, first_ended = threading.Barrier(2, timeout=10), threading.Event()

    def train(is_first: bool) -> None:
        with reproducibility.deterministic(1):
            both.wait()
            if not is_first:
                first_ended.wait(10)
                within.append(torch.are_deterministic_algorithms_enabled())
        if is_first:
            first_ended.set()

    threads = [threading.Thread(target=train, args=(is_first,)) for is_first in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert within == [True], "one that ends first leaves the other's settings alone"
    assert torch.are_deterministic_algorithms_enabled() == before


def test_models_that_are_drawn_side_by_side_are_those_drawn_alone() -> None:
    alone = [
        reproducibility.digest(language_model.weights_of(language_model.new_model(SHAPE, s))) for s in (0, 1)
    ]
    stored = language_model.weights_of(language_model.new_model(SHAPE, 0))

    def draw(seed: int) -> str:
        language_model.load_model(SHAPE, stored)  # which draws weights too, and throws them away
        return reproducibility.digest(language_model.weights_of(language_model.new_model(SHAPE, seed)))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(draw, [0, 1] * 8)) == alone * 8
