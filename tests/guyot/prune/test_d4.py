"""D4's fractions: prototypes keep R / R_dedup of what SemDeDup left, which is R of the source."""

import numpy as np
import pytest
from support.corpus import some_documents

from guyot.cluster.kmeans import KMeansSettings
from guyot.errors import SettingError
from guyot.prune import prune
from guyot.prune.d4 import d4

CLUSTERING = KMeansSettings(4, 5, 256, 0)


def test_the_target_is_a_fraction_of_the_source() -> None:
    documents = some_documents(200)
    cut = prune(documents, d4(0.3), target_fraction=0.3, unit="documents", clustering=CLUSTERING)
    assert int(cut.kept.sum()) == 60
    assert int((cut.step == 0).sum()) == 50  # SemDeDup kept 0.75 of 200
    assert cut.steps == ("semdedup", "prototypes")


def test_survivors_are_clustered_again() -> None:
    documents = some_documents(200)
    far = documents.with_columns(distance=np.zeros(200, np.float32))
    cuts = [
        prune(d, d4(0.5), target_fraction=0.5, unit="documents", clustering=CLUSTERING)
        for d in (documents, far)
    ]
    assert np.array_equal(cuts[0].kept, cuts[1].kept)  # the first clustering's distances play no part


def test_a_target_above_what_semdedup_leaves_is_refused() -> None:
    with pytest.raises(SettingError, match=r"target_fraction=0\.8"):
        d4(0.8)
