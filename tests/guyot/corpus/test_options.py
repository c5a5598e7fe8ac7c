"""Options of a corpus, and the encoder that they mean."""

import pytest

from guyot.corpus.options import check_options, encoder_of
from guyot.encoders.hashing import HashingEncoder
from guyot.errors import SettingError


def test_an_option_that_there_is_not_is_refused() -> None:
    check_options({"seed": 1, "n_clusters": 2})
    with pytest.raises(
        SettingError, match="options a, b of a corpus are not known; choose from encoder, tokens, n_c"
    ):
        check_options({"b": 1, "seed": 1, "a": 2})


def test_an_encoder_is_an_object_or_a_folder() -> None:
    assert isinstance(encoder_of(None), HashingEncoder)
    encoder = HashingEncoder(8)
    assert encoder_of(encoder) is encoder
    with pytest.raises(
        SettingError, match="encoder 'no/such/model' is no directory; give one with config.json"
    ):
        encoder_of("no/such/model")
