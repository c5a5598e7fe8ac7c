"""How the outside is reached: the lake, its catalogue, source files, models, threads."""

from typing import Any


def for_lake() -> dict[str, Any]:
    """Return the resources of a lake, by the names under which assets ask for them."""
    from resources.catalogue import Catalogue
    from resources.encoder import EncoderResource
    from resources.engine import Engine
    from resources.settings import Settings
    from resources.sources import Sources
    from resources.store import Store
    from resources.trainer import Trainer

    settings = Settings.configure_at_launch()
    store = Store(settings=settings)
    return {
        "settings": settings,
        "store": store,
        "sources": Sources(settings=settings),
        "engine": Engine(settings=settings),
        "encoder": EncoderResource(settings=settings),
        "trainer": Trainer(settings=settings),
        "catalogue": Catalogue(settings=settings, store=store),
    }
