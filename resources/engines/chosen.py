"""The engine that the settings name."""

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

    if not settings.engine.startswith(SCHEME):
        raise SettingError(
            f"engine={settings.engine!r} was asked for; choose {THREADS}, or {SCHEME}host:port, the address "
            "of a Ray cluster's head"
        )
    return RayEngine(settings=settings)
