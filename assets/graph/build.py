"""What a partition is made from, and the one way to make it: revive what exists, else write it."""

import contextlib
import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import dagster as dg
from dagster._core.execution.context.metadata_logging import AssetMetadataHandle, OutputMetadataAccumulator

from guyot.errors import SettingError
from resources.lake.manifest import WHOLE, Manifest, version_of
from resources.lake.store import Store
from resources.lake.writer import Writer
from resources.progress import tracked


@dataclasses.dataclass(frozen=True)
class BuildSpec:
    """One partition of a table, with all that its version hashes."""

    table: str
    inputs: dict[str, str]
    settings: dict[str, Any]
    code: str
    key: str = WHOLE

    @property
    def version(self) -> str:
        """Name what would come out."""
        return version_of(self.inputs, self.settings, self.code)

    def is_live(self, store: Store) -> bool:
        """Say whether the live version is the one that these inputs and settings give."""
        current = store.current(self.table, self.key)
        return current is not None and current.version == self.version

    def is_fitted(self, store: Store) -> bool:
        """Say whether the live version has these settings, whatever documents it was trained on.

        A tokenizer or centroids stay as shards come and go; training them again is asked for.
        """
        current = store.current(self.table, self.key)
        return current is not None and (current.settings, current.code) == (self.settings, self.code)

    def reuse(self, store: Store) -> Manifest | None:
        """Make the version live again if the lake still holds it."""
        manifest = store.manifest(self.table, self.key, self.version)
        if manifest is not None:
            store.publish(manifest)
        return manifest

    @contextlib.contextmanager
    def write(self, store: Store) -> Iterator[Writer]:
        """Write the version; it goes live when the block ends."""
        with store.write(
            self.table, self.key, inputs=self.inputs, settings=self.settings, code=self.code
        ) as writer:
            yield writer


def build(store: Store, spec: BuildSpec, work: Callable[[Writer], None]) -> Manifest:
    """Return the partition's manifest, doing the work only if the lake lacks that version."""
    found = spec.reuse(store)
    if found is None:
        with spec.write(store) as writer:
            work(writer)
        found = store.required(spec.table, spec.key)
    return found


def describe_partitions(
    context: dg.AssetExecutionContext,
    manifests: Iterable[Manifest],
    total: int,
    *,
    reports_progress: bool = False,
    describe: Callable[[Manifest], dict[str, Any]] = lambda _: {},
) -> dg.MaterializeResult[Any]:
    """Consume partitions as they are made and attach to each what the UI shows of it.

    `reports_progress` says that the work itself reports its progress, in finer units; `describe` adds what
    an asset shows beyond the rest.
    """
    contents: dict[str, str] = {}
    facts: dict[str, dict[str, Any]] = {}
    work = context.asset_key.to_user_string()
    for manifest in manifests if reports_progress else tracked(manifests, work, total, "partitions"):
        contents[manifest.key] = manifest.content
        facts[context_key(context, manifest)] = {**facts_of(manifest), **describe(manifest)}
    _attach(context, facts)
    single = next(iter(contents.values())) if len(contents) == 1 else None
    version = single or version_of(contents, {}, "")
    return dg.MaterializeResult(data_version=dg.DataVersion(version))


def collect_failures(
    keys: Iterable[str], work: Callable[[str], Manifest], refused: dict[str, str]
) -> Iterator[Manifest]:
    """Make one partition after the other; of those that cannot be made, say why in `refused`."""
    for key in keys:
        try:
            yield work(key)
        except SettingError as error:
            refused[key] = str(error)


def raise_failures(what: str, refused: dict[str, str], total: int) -> None:
    """Name the recipes that were refused, once all others are made.

    Raises
    ------
    SettingError : there are some.
    """
    if refused:
        said = "; ".join(f"recipe {name}: {why}" for name, why in refused.items())
        raise SettingError(f"{len(refused)} of {total} recipes cannot be {what}, the others are: {said}")


def _attach(context: dg.AssetExecutionContext, facts: dict[str, dict[str, Any]]) -> None:
    """Attach facts to partitions, all at once.

    `context.add_asset_metadata` takes one partition; each call of it reads the names of all partitions
    from the database and copies all that was attached before: minutes for thousands of shards.
    """
    step = context.get_step_execution_context()
    attached = {
        AssetMetadataHandle(asset_key=context.asset_key, partition_key=key): said
        for key, said in facts.items()
    }
    before = step._metadata_accumulator.per_output_metadata
    step._metadata_accumulator = OutputMetadataAccumulator(per_output_metadata={**before, **attached})


def context_key(context: dg.AssetExecutionContext, manifest: Manifest) -> str:
    """Find the Dagster partition of a manifest: recipe/seed in the lake is recipe|seed there."""
    if isinstance(context.assets_def.partitions_def, dg.MultiPartitionsDefinition):
        return manifest.key.replace("/", "|")
    return manifest.key


def facts_of(manifest: Manifest) -> dict[str, Any]:
    """Say of a version what the UI shows for every asset."""
    return {
        "dagster/row_count": manifest.rows,
        "version": manifest.version,
        "content": manifest.content,
        "bytes": sum(file.bytes for file in manifest.files.values()),
    }


def result(manifest: Manifest, **metadata: Any) -> dg.MaterializeResult[Any]:
    """Describe an unpartitioned materialization."""
    return dg.MaterializeResult(
        metadata={**facts_of(manifest), **metadata}, data_version=dg.DataVersion(manifest.content)
    )


def columns(**described: str) -> dict[str, Any]:
    """State a table's columns as 'type: description', as definition metadata."""
    split = {name: text.split(": ", 1) for name, text in described.items()}
    return {
        "dagster/column_schema": dg.TableSchema(
            columns=[dg.TableColumn(n, type=t, description=d) for n, (t, d) in split.items()]
        )
    }
