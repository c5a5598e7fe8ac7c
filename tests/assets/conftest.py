"""A lake of the whole graph for the assets' tests: one to read, and copies to change."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.lake import copy_of, graph_lake

from assets.graph.lake import LakeResources


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


@pytest.fixture
def changed(lake: LakeResources, tmp_path: Path) -> Callable[..., LakeResources]:
    """Copy the lake, with other settings where some are given."""

    def copy(**settings: Any) -> LakeResources:
        return copy_of(lake, tmp_path / "lake", **settings)

    return copy
