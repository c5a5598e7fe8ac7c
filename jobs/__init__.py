"""When it happens: jobs, requests, the Dagster instance and the command line."""

from typing import Any


def for_lake() -> dict[str, Any]:
    """Return the resources of a lake, by the names under which assets ask for them."""
    from assets.publish.database import Catalogue
    from resources.engines.threads import Engine
    from resources.lake.store import Store
    from resources.models.encoder import EncoderResource
    from resources.models.trainer import Trainer
    from resources.settings import Settings
    from resources.sources.scan import Sources

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
