"""Soups of runs by method, and what is refused."""

import pytest
from support.lake import reader_of
from support.soups import RUNS

from assets.graph.lake import LakeResources
from assets.train.inputs.souping import ALL, open_souping
from guyot.errors import SettingError


def test_a_single_run_is_its_own_soup_whatever_the_method(souped: LakeResources) -> None:
    run = souped.store.required("training_runs", RUNS[0])
    souping, reported = open_souping(souped, reader_of(souped), [run])
    soups = souping.make_all()
    bits = {soup.method: souping.bits(soup, reported, draws=5, seed=0).value for soup in soups}
    assert len(bits) == 6
    assert all(value == pytest.approx(bits["uniform"], rel=1e-6) for value in bits.values())
    assert all(soup.n_ingredients == 1 for soup in soups)
    assert souping.barriers() == {}


def test_learned_shares_are_no_worse_than_equal_ones_where_they_were_learned(souped: LakeResources) -> None:
    runs = [souped.store.required("training_runs", run) for run in RUNS]
    souping, _ = open_souping(souped, reader_of(souped), runs)
    bits = {
        method: souping.bits(souping.make(method), souping.choosing, draws=5, seed=0).value
        for method in ("uniform", "learned", "learned_per_layer")
    }
    assert bits["learned"] <= bits["uniform"] + 1e-3
    assert bits["learned_per_layer"] <= bits["uniform"] + 1e-3
    again = souping.make("learned")
    assert again.shares == souping.make("learned").shares
    assert list(again.shares) == [ALL]


def test_an_unknown_method_is_refused(souped: LakeResources) -> None:
    souping, _ = open_souping(souped, reader_of(souped), [souped.store.required("training_runs", RUNS[0])])
    with pytest.raises(
        SettingError, match="method 'thick' was asked for; choose from best_ingredient, uniform"
    ):
        souping.make("thick")
