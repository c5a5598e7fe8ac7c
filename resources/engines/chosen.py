"""The engine that the settings name."""

import re

from guyot.errors import SettingError
from resources.engines.threads import Engine
from resources.settings import Settings

THREADS = "threads"


def engine_of(settings: Settings) -> Engine:
    """Return what runs the work: threads of this process, or a Ray cluster.

    Raises
    ------
    SettingError : another engine is named.
    """
    if settings.engine == THREADS:
        return Engine(settings=settings)
    from resources.engines.ray_cluster import SCHEME, RayEngine

    if re.fullmatch(rf"{SCHEME}[^@/\s]+:\d+", settings.engine) is None:
        raise SettingError(
            f"an engine was asked for that is none; choose {THREADS}, or {SCHEME}host:port, the address of a "
            "Ray cluster's head, such as ray://10.0.0.1:6379"
        )
    return RayEngine(settings=settings)
