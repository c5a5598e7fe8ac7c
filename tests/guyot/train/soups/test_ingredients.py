"""Ingredients: of one architecture, or refused with numbers; of one checkpoint, or warned about."""

import numpy as np
import pytest

from guyot.errors import ArrayError
from guyot.train.soups import check_alike, init_warning, lowest_cosine

MODEL = {"a": np.zeros((2, 3), np.float32), "b": np.zeros(4, np.float16), "n": np.array([7])}


def test_models_of_one_architecture_pass_whatever_their_width_of_floats() -> None:
    check_alike([MODEL])
    check_alike([MODEL, {**MODEL, "a": np.ones((2, 3), np.float64)}])


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"a": np.zeros((3, 2))}, r"1 of 3 tensors of second have another shape than in first: a \[3, 2\], not \[2, 3\]"),
        ({"c": np.zeros(1)}, "first has 3 tensors, second has 4: it lacks none and has c besides"),
        ({"n": np.array([8])}, "1 tensors of whole numbers differ between first and second: n"),
        ({"b": np.zeros(4, np.int64)}, "1 tensors of whole numbers differ between first and second: b"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused_with_numbers_and_names(changed: dict, says: str) -> None:
    with pytest.raises(ArrayError, match=says):
        check_alike([MODEL, {**MODEL, **changed}], ["first", "second"])


def test_a_message_of_many_names_has_the_first_and_the_number_of_others() -> None:
    deep = {f"layer{i}": np.zeros(1) for i in range(9)}
    with pytest.raises(ArrayError, match="layer0, layer1, layer2 and 6 more and has w besides"):
        check_alike([deep, {"w": np.zeros(1)}])
    wide = {name: np.zeros(2) for name in deep}
    with pytest.raises(ArrayError, match=r"9 of 9 tensors .* and 6 more"):
        check_alike([deep, wide])


def test_no_models_and_models_without_floats_are_refused() -> None:
    with pytest.raises(ArrayError, match="a soup of 0 models"):
        check_alike([])
    with pytest.raises(ArrayError, match="has 1 tensors, none of floats"):
        check_alike([{"n": np.array([1])}])


def test_the_cosine_is_of_all_matrices_together_and_of_the_farthest_two() -> None:
    def model(x: float, y: float) -> dict:
        return {"w": np.array([[float(x)]]), "v": np.array([[y]], np.float16), "gain": np.full(9, 5.0)}

    models = [model(3, 4), model(4, 3), model(-3, -4)]
    assert lowest_cosine(models[:2]) == pytest.approx(24 / 25)
    assert lowest_cosine(models) == pytest.approx(-1)
    assert lowest_cosine(models[:1]) == 1
    assert lowest_cosine([{"gain": np.ones(2)}, {"gain": -np.ones(2)}]) == 1


def test_the_cosine_does_not_depend_on_how_a_tensor_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(0)
    models = [{"w": draw.standard_normal((9, 7))} for _ in range(3)]
    whole = lowest_cosine(models)
    monkeypatch.setattr("guyot.train.soups.ingredients._BLOCK_VALUES", 4)
    assert lowest_cosine(models) == pytest.approx(whole)
    by_hand = min(
        float((a["w"] * b["w"]).sum() / np.linalg.norm(a["w"]) / np.linalg.norm(b["w"]))
        for i, a in enumerate(models) for b in models[:i]
    )  # fmt: skip
    assert whole == pytest.approx(by_hand)


def test_different_initial_weights_are_a_warning_in_words() -> None:
    assert init_warning(["x", "x", "x"]) == ""
    assert "3 ingredients began with 2 different initial weights" in init_warning(["x", "y", "x"])
    assert "cosine of 0.03, below 0.5" in init_warning([], 0.03)
    assert init_warning([], 0.97) == ""
