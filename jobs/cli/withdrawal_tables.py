"""What `guyot withdraw` does and answers: a line for a person, and rows."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from assets.graph import discover, plan
from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of
from assets.ingest.listing import withdrawals
from assets.ingest.listing.withdrawals import RESTORED, Withdrawal
from assets.ingest.raw_shards import QUARANTINE
from assets.ingest.shard_registry import record_withdrawals
from assets.publish.database import Catalogue
from jobs.cli.documents import asking
from jobs.cli.exposures import exposures_of, runs_of
from jobs.cli.lineage_tables import Answer
from jobs.cli.withdrawal_targets import label, now, targets_of, to_restore
from resources.lake.manifest import Manifest
from resources.sources.withdrawn import REASON
from resources.storage.concurrent import concurrent

_READERS = pa.schema(
    [("doc_id", pa.string()), ("source_path", pa.string()), ("record_key", pa.string()),
     ("run_id", pa.string()), ("recipe", pa.string()), ("seed", pa.int64()), ("epoch", pa.int64()),
     ("first_step", pa.int64()), ("last_step", pa.int64()), ("tokens", pa.int64()),
     ("mixture_version", pa.string())]
)  # fmt: skip
_LISTED = pa.schema(
    [(name, pa.string()) for name in ("withdrawal", "state", "kind", "source", "documents", "reason", "by",
                                      "at", "shards")]
)  # fmt: skip
_COLUMNS = ["doc_id", "source_path", "record_key", "content_digest"]
_MAX_NAMED = 5


def withdraw(lake: LakeResources, names: Sequence[str], *, reason: str, by: str) -> Answer:
    """Withdraw documents and source files, and list the training runs that read them.

    Parameters
    ----------
    names : doc_id or its beginning, source, source#key or key
    reason, by : written down with it

    Raises
    ------
    MissingError : a name means nothing, or several documents; then nothing is withdrawn.
    """
    found = targets_of(lake, names, reason=reason, by=by)
    # first without shards: from now on whatever is read obeys, so that no shard that is being read is missed
    for one in found:
        withdrawals.write(lake.store, one)
    record_withdrawals(lake)
    versions = lake.store.versions("raw_shards")
    holders = [_holders(lake, versions, one) for one in found]
    unread = _unread(lake)
    for one, held in zip(found, holders, strict=True):
        shards = {*one.shards, *(manifest.key for manifest in held), *unread}
        withdrawals.write(lake.store, dataclasses.replace(one, shards=tuple(sorted(shards))))
    record_withdrawals(lake)
    with Catalogue(lake.store).connect() as connection:
        runs = runs_of(asking(connection))
    documents = _consumed(lake, runs, found)
    rows = list(_readers(lake, runs, documents))
    n_readers = len({row["run_id"] for row in rows})
    held = {(manifest.key, manifest.version) for each in holders for manifest in each}
    summary = [_sentence(one, each) for one, each in zip(found, holders, strict=True)]
    summary += [
        f"read by {n_readers} of {len(runs)} runs; a run's weights are not changed by a withdrawal",
        *_next(lake, held, _pinned(lake, runs)),
    ]
    return Answer("\n".join(summary), pa.Table.from_pylist(rows, _READERS))


def restore(lake: LakeResources, names: Sequence[str], *, reason: str, by: str) -> Answer:
    """Undo withdrawals: with the next run the documents are there again, where their files still are.

    Parameters
    ----------
    names : a withdrawal's id, its doc_id or its beginning, or the source that it names

    Raises
    ------
    MissingError : a name means no withdrawal that is in force; then nothing is restored.
    """
    found, versions = to_restore(lake, names), lake.store.versions("raw_shards")
    for one in found:
        shards = {*one.shards, *_quarantining(lake, versions, one)}
        said = {"state": RESTORED, "reason": reason or one.reason, "by": by, "at": now()}
        withdrawals.write(lake.store, dataclasses.replace(one, **said, shards=tuple(sorted(shards))))
    record_withdrawals(lake)
    summary = [f"restored: {label(one)} (withdrawal {one.name})" for one in found]
    return Answer("\n".join([*summary, *_next(lake, set(), {})]), listed(lake).rows)


def listed(lake: LakeResources) -> Answer:
    """List every withdrawal, also those that were undone, by time."""
    found = [withdrawals.read(lake.store, entry) for entry in withdrawals.entries(lake.store)]
    rows = [
        {"withdrawal": one.name, "state": one.state, "kind": one.rows[0]["kind"], "source": label(one),
         "documents": str(len(one.texts)), "reason": one.reason, "by": one.by, "at": one.at,
         "shards": ", ".join(one.shards)}
        for one in sorted(found, key=lambda one: (one.at, one.name))
    ]  # fmt: skip
    n_in_force = sum(one.state != RESTORED for one in found)
    summary = f"{n_in_force} withdrawals are in force, {len(found) - n_in_force} were undone"
    return Answer(summary, pa.Table.from_pylist(rows, _LISTED))


def _holders(lake: LakeResources, versions: Sequence[Manifest], one: Withdrawal) -> list[Manifest]:
    """Find the versions of raw_shards, live or not, that hold what is withdrawn."""
    files, texts = pa.array(sorted(one.files), pa.string()), pa.array(sorted(one.texts), pa.string())

    def holds(manifest: Manifest) -> bool:
        table = lake.store.table(manifest, columns=["source_path", "content_digest"])
        hit = pc.or_(pc.is_in(table["source_path"], files), pc.is_in(table["content_digest"], texts))
        return True in hit.to_pylist()

    held = concurrent(holds, versions)
    return [manifest for manifest, holding in zip(versions, held, strict=True) if holding]


def _unread(lake: LakeResources) -> set[str]:
    """Name the shards with files that their live version has not read: a run may be reading them just now.

    Not those that are stale by other settings or code alone: what these hold is known from that version.
    """
    specs = discover.asset("raw_shards").specs(lake, lake.shards())
    live = concurrent(lambda shard: lake.store.current("raw_shards", shard), list(specs))
    return {
        shard
        for (shard, spec), manifest in zip(specs.items(), live, strict=True)
        if manifest is None or manifest.inputs.get("shard_registry") != spec.inputs["shard_registry"]
    }


def _quarantining(lake: LakeResources, versions: Sequence[Manifest], one: Withdrawal) -> Iterator[str]:
    """Find the shards of which a version has records in quarantine because of a withdrawal."""
    for manifest in versions:
        table = lake.store.table(manifest, QUARANTINE.file, ["reason", "detail"])
        of_it = pc.and_(pc.equal(table["reason"], REASON), pc.starts_with(table["detail"], one.name))
        if True in of_it.to_pylist():
            yield manifest.key


def _consumed(
    lake: LakeResources, runs: Sequence[dict[str, Any]], found: Sequence[Withdrawal]
) -> list[dict[str, str]]:
    """List the documents with a withdrawn text, or of a withdrawn file, that the snapshots of runs have."""
    files, texts = (set().union(*(getattr(one, name) for one in found)) for name in ("files", "texts"))
    documents: dict[str, dict[str, str]] = {}
    for shard, version in sorted(_pinned(lake, runs)):
        table = lake.store.table(lake.store.pinned("raw_shards", shard, version), columns=_COLUMNS)
        for row in table.to_pylist():
            if row["source_path"] in files or row["content_digest"] in texts:
                documents[row["doc_id"]] = row
    return sorted(documents.values(), key=lambda row: (row["source_path"], row["record_key"], row["doc_id"]))


def _pinned(lake: LakeResources, runs: Sequence[dict[str, Any]]) -> dict[tuple[str, str], set[str]]:
    """Name the runs that consumed each version of raw_shards: (shard, version)."""
    found: dict[tuple[str, str], set[str]] = {}
    for run in runs:
        mixture = lake.store.pinned("pruned_mixtures", run["recipe"], run["mixture_version"])
        for shard, versions in snapshot_of(mixture).shards.items():
            found.setdefault((shard, versions["raw_shards"]), set()).add(run["run_id"])
    return found


def _readers(
    lake: LakeResources, runs: Sequence[dict[str, Any]], documents: Sequence[dict[str, str]]
) -> Iterator[dict[str, Any]]:
    """Yield a row for each stretch of adjacent steps of an epoch in which a run read a document."""
    of = {row["doc_id"]: row for row in documents}
    for doc_id, one in exposures_of(lake, runs, list(of)):
        about = {"run_id": one.run_id, "recipe": one.recipe, "seed": one.seed}
        for visit in one.visits or ():
            yield {**of[doc_id], **about, "mixture_version": one.mixture_version, **dataclasses.asdict(visit)}


def _sentence(one: Withdrawal, holders: Sequence[Manifest]) -> str:
    """Say what is withdrawn."""
    what = f"{label(one)} with {len(one.texts)} texts" if one.is_file else label(one)
    shards = sorted({manifest.key for manifest in holders})
    return f"withdrawn: {what} (withdrawal {one.name}), found in {len(shards)} shards"


def _next(
    lake: LakeResources, held: set[tuple[str, str]], pinned: dict[tuple[str, str], set[str]]
) -> Iterator[str]:
    """Say what has to be done, and what holds the texts until then and after."""
    stale = plan.stale_among(discover.asset("raw_shards"), lake, lake.shards())
    if stale:
        more = f" and {len(stale) - _MAX_NAMED} more" if len(stale) > _MAX_NAMED else ""
        yield (
            f"next: `guyot run` makes {', '.join(stale[:_MAX_NAMED])}{more} anew, and with them what hangs "
            "on them; no mixture is cut before"
        )
    if held:
        kept = held & pinned.keys()
        runs = sorted(set().union(*(pinned[name] for name in kept)))
        yield (
            f"{len(held)} versions of raw_shards still hold the text; `guyot gc` removes, once it is a day "
            f"old, what nothing needs; {len(kept)} of them stay because runs consumed them"
            + (f": {', '.join(runs[:_MAX_NAMED])}" if runs else "")
        )
