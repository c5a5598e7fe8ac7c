"""A lake with soups, to read."""

import pytest
from support.soups import soup_lake

from assets.graph.lake import LakeResources


@pytest.fixture(scope="package")
def souped(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return soup_lake(tmp_path_factory)
