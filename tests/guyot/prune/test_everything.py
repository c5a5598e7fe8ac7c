"""The control without pruning keeps all."""

from support.corpus import some_documents

from guyot.cluster.kmeans import KMeansSettings
from guyot.prune import prune
from guyot.prune.everything import Everything


def test_everything_is_kept() -> None:
    cut = prune(
        some_documents(9),
        (Everything(),),
        target_fraction=1.0,
        unit="tokens",
        clustering=KMeansSettings(2, 1, 9, 0),
    )
    assert cut.kept.all()
