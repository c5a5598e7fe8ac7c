"""MinHash scores: near-copies by the words that they share, pair by pair and family by family.

Every candidate pair is compared exactly, once: pairs whose documents both stayed are taken over from the
last scores. The tables are functions of the snapshot alone, never of the way to it.
"""

from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.cluster.scoring import minhash_pairs
from assets.graph import snapshot
from assets.graph.build import BuildSpec, build, columns, result
from assets.ingest import minhash_signatures
from guyot.cut import NO_WITNESS
from guyot.errors import MissingError
from guyot.prune.near_duplicates.single_linkage import single_linkage
from guyot.prune.witness import kept_witness
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.lake.writer import Writer
from resources.settings import Settings

CODE = "2"
PAIRS = minhash_pairs.FILE


def spec(store: Store, settings: Settings) -> BuildSpec:
    """State what the scores are made from: documents and signatures of the snapshot of cluster_scores.

    Raises
    ------
    MissingError : a shard's signatures are not those of its documents in the snapshot.
    """
    signed = signed_shards(store)
    inputs = {f"minhash_signatures/{shard}": manifest.content for shard, manifest in signed.items()}
    inputs |= {f"raw_shards/{shard}": manifest.inputs["raw_shards"] for shard, manifest in signed.items()}
    chosen = {**settings.select("minhash.jaccard"), **minhash_signatures.signed_with(settings)}
    return BuildSpec("minhash_scores", inputs, chosen, CODE)


def signed_shards(store: Store) -> dict[str, Manifest]:
    """Return the signatures of each shard of the snapshot that the live cluster_scores are of."""
    taken = snapshot.of(store.required("cluster_scores"))
    signed = {shard: store.required("minhash_signatures", shard) for shard in taken.names}
    waiting = [
        shard
        for shard, manifest in signed.items()
        if manifest.inputs["raw_shards"] != taken.manifest(store, "raw_shards", shard).content
    ]
    if waiting:
        raise MissingError(
            f"minhash_scores of {len(signed)} shards were asked for; {len(waiting)} have signatures of other "
            f"documents than cluster_scores, such as {waiting[0]}; materialize minhash_signatures and "
            "cluster_scores first"
        )
    return signed


@dg.asset(
    group_name="cluster",
    kinds={"parquet"},
    owners=["team:curation"],
    deps=["cluster_scores", "minhash_signatures"],
    code_version=CODE,
    pool="memory",
    metadata=columns(
        doc_id="string: a training document of the snapshot",
        jaccard="double: of the pair that links its family to an earlier document's; null where none does",
        witness="string: that document",
    ),
)
def minhash_scores(settings: Settings, store: Store) -> dg.MaterializeResult[Any]:
    """One row is a training document of the snapshot; pairs.parquet beside has the pairs compared."""
    counts: dict[str, int] = {}
    manifest = build(store, spec(store, settings), lambda writer: score(store, settings, writer, counts))
    from assets.charts import charts

    jaccard = store.table(manifest, PAIRS, ["jaccard"])["jaccard"].to_numpy()
    picture = charts.similarities(charts.similarity_counts(jaccard), {}, [], of="Jaccard of a pair")
    return result(
        manifest,
        **counts,
        **{name: manifest.facts[name] for name in ("pairs", "linked_pairs", "families", "largest_family")},
        similarities=dg.MetadataValue.md(charts.markdown_picture(picture)),
    )


def score(store: Store, settings: Settings, writer: Writer, counts: dict[str, int]) -> None:
    """Compare the snapshot's candidates and write the tables."""
    signed, floor = signed_shards(store), settings.minhash.jaccard
    known = minhash_pairs.reusable(store, spec(store, settings).settings, CODE)
    found = minhash_pairs.compare(
        store, settings, signed, snapshot.of(store.required("cluster_scores")), known
    )
    counts |= {"compared_anew": found.compared_anew}
    linked = found.jaccard >= floor
    joined = single_linkage(len(found.ids), found.other[linked], found.one[linked], found.jaccard[linked])
    there = joined.witness != NO_WITNESS
    writer.table(
        pa.table(
            {
                "doc_id": snapshot.id_column(found.ids),
                "jaccard": pa.array(joined.height, mask=~there),
                "witness": snapshot.id_column(found.ids[joined.witness], there),
            }
        ),
        plain=["doc_id", "jaccard", "witness"],
    )
    minhash_pairs.write(writer, found)
    sizes = _family_sizes(joined.witness)
    writer.facts |= {
        "floor": floor,
        "pairs": len(found.jaccard),
        "linked_pairs": int(linked.sum()),
        "families": len(sizes),
        "largest_family": int(sizes.max(initial=0)),
        "snapshot": {s: {"minhash_signatures": manifest.version} for s, manifest in signed.items()},
    }


def _family_sizes(witness: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the documents of each family of several."""
    representative = kept_witness(witness, witness == NO_WITNESS)
    members = np.bincount(representative[representative != NO_WITNESS], minlength=len(witness))
    return members[members > 0] + 1
