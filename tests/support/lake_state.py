"""What a lake holds, read file by file: that it is whole, and digests that two lakes are compared by."""

import hashlib

from support.lake import catalogue_of

from assets.graph.lake import LakeResources
from assets.graph.views import views
from resources.lake.manifest import MANIFEST, Manifest

TIMES = ["first_seen", "last_changed"]


def versions(lake: LakeResources) -> int:
    """Count the versions that are written."""
    root = lake.store.root
    uris = [file.uri.removeprefix(root) for file in lake.store.files.walk(root)]
    return sum(uri.endswith(f"/{MANIFEST}") and "/." not in uri for uri in uris)


def pointers(lake: LakeResources) -> list[str]:
    """List what names a live version."""
    found = lake.store.files.walk(lake.store.root)
    return [
        f.uri for f in found if f.uri.endswith("/current") and "/." not in f.uri.removeprefix(lake.store.root)
    ]


def live(lake: LakeResources) -> list[Manifest]:
    """Read the live version of every partition; each must be whole."""
    manifests = []
    for pointer in pointers(lake):
        table, *key, _ = pointer.removeprefix(f"{lake.store.root}/").split("/")
        manifest = lake.store.current(table, "/".join(key))
        assert manifest is not None, f"{pointer} names a version that is not there"
        manifests.append(manifest)
    return manifests


def check_whole(lake: LakeResources) -> int:
    """Make sure that whatever can be seen is whole; return how many partitions there are."""
    manifests = live(lake)
    for manifest in manifests:
        for name in manifest.files:
            checked(lake, manifest, name)
    if lake.store.files.exists(catalogue_of(lake).path) and catalogue_of(lake).is_valid():
        with catalogue_of(lake).connect() as connection:
            for view in views():
                connection.sql(f"SELECT * FROM {view.name} LIMIT 3").fetchall()
    return len(manifests)


def checked(lake: LakeResources, manifest: Manifest, name: str) -> bytes:
    """Read a file of a version; its bytes must be those of the manifest."""
    content = lake.store.checked(manifest, name)
    assert len(content) == manifest.files[name].bytes
    return content


def state_of(lake: LakeResources) -> dict[str, str]:
    """Digest every live file, and every row that the catalogue shows; times of looking are left out.

    What is digested is checked as `check_whole` does.
    """
    state: dict[str, str] = {}
    for manifest in live(lake):
        name = f"{manifest.table}/{manifest.key}"
        if manifest.table == "shard_registry":
            rows = lake.store.table(manifest).drop_columns(TIMES)
            state[name] = digest(str(rows.to_pylist()).encode())
            continue
        folder = lake.store.path(manifest.table, manifest.key, manifest.version)
        for file in manifest.files:
            state[f"{name}/{file}"] = digest(checked(lake, manifest, file))
        state[f"{name}/{MANIFEST}"] = digest(lake.store.files.read(f"{folder}/{MANIFEST}"))
    with catalogue_of(lake).connect() as connection:
        for view in (view.name for view in views()):
            shown = "* EXCLUDE (first_seen, last_changed)" if view == "shard_registry" else "*"
            rows = connection.sql(f"SELECT {shown} FROM {view} ORDER BY ALL").to_arrow_table()
            state[view] = digest(str(rows.to_pylist()).encode())
    return state


def digest(content: bytes) -> str:
    """Hash bytes."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()
