"""What a dataset reads is named by its identity alone: planned again from it, it is the same order."""

import json
from pathlib import Path

import pytest
from support.lake import graph_lake

from guyot.errors import MissingError, SettingError
from guyot.lake.mixture import LakeMixture
from guyot.lake.reading import Reading
from guyot.lake.versions import Versions
from guyot.train.epoch_order import Shuffle
from guyot.train.schedule import segments


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Versions:
    return Versions(str(Path(graph_lake(tmp_path_factory).store.root)))


@pytest.mark.parametrize(
    "reading",
    [
        Reading(16, 3, 2, None, None, {"python": 2}, Shuffle(8, 2)),
        Reading(16, 0, None, 4000, 20, {}, Shuffle()),
        Reading(None, 1, 3, None, None, {}, Shuffle()),
    ],
)
def test_an_identity_is_plain_and_gives_the_same_order(versions: Versions, reading: Reading) -> None:
    mixture = LakeMixture(versions.version("pruned_mixtures", "semdedup"), versions)
    rows, schedule = reading.planned(mixture, versions)
    identity = json.loads(json.dumps(reading.identity(mixture)))
    assert (identity["recipe"], identity["mixture"]) == ("semdedup", mixture.version.name)
    again = Reading.from_identity(identity)
    assert (again.epochs, again.train_tokens) == (None, None)
    same, other = again.planned(mixture, versions, schedule.train_tokens)
    assert list(segments(other)) == list(segments(schedule))
    assert same.ids.tolist() == rows.ids.tolist()
    half = again.planned(mixture, versions, schedule.train_tokens // 2)[1]
    assert half.train_tokens == schedule.train_tokens // 2


def test_what_names_no_order_is_refused() -> None:
    with pytest.raises(MissingError, match="'blocks-1' of d4@x was asked for; it was planned in 'blocks-0'"):
        Reading.from_identity({"recipe": "d4", "mixture": "x", "order": "blocks-0"})
    with pytest.raises(SettingError, match=r"\['mixture', 'order', 'recipe'\] were given; give `state_dict"):
        Reading.from_identity({"recipe": "d4", "mixture": "x", "order": "blocks-1"})
