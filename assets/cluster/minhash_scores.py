"""MinHash scores: near-copies by the words that they share, pair by pair and family by family.

Every candidate pair is compared exactly, once: pairs whose documents both stayed are copied from the
last scores. The tables are functions of the snapshot alone, never of the way to it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.cluster.scoring import minhash_pairs
from assets.cluster.scoring.minhash_compare import compare
from assets.cluster.scoring.minhash_pairs import INCOMPLETE, PAIRS, CandidatePairs, known_of
from assets.cluster.scoring.minhash_similarities import Shingling
from assets.cluster.scoring.minhash_update import update
from assets.graph.asset import Inputs, lake_asset
from assets.graph.build import Build
from assets.graph.doc_ids import id_column
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.reads import named, one
from assets.graph.snapshot import snapshot_of
from assets.graph.tables import ColumnSpec, TableSpec
from assets.ingest.minhash_signatures import SHINGLE_SETTINGS, signing_version
from guyot.cut import NO_WITNESS
from guyot.errors import MissingError
from guyot.prune.near_duplicates.single_linkage import single_linkage
from guyot.prune.witness import kept_witness
from resources.lake.compacted import Origin
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.setting_groups import IMAGE, TEXT

SCORES = TableSpec(
    "minhash_scores",
    "a training document of the snapshot",
    (
        ColumnSpec("doc_id", pa.string(), "the document", source="raw_shards.doc_id"),
        ColumnSpec(
            "jaccard",
            pa.float64(),
            "of the pair that links its family to an earlier document's; null where none does",
        ),
        ColumnSpec("witness", pa.string(), "that document", source="raw_shards.doc_id"),
    ),
)
Made = TypeVar("Made", bound=Origin)
_FACTS_SHOWN = ("pairs", "linked_pairs", "families", "largest_family")


def signed_inputs(lake: LakeResources, reader: TableReader, keys: Sequence[str]) -> Mapping[str, Inputs]:
    """Return the inputs of the scores: documents and signatures of the snapshot of cluster_scores.

    Raises
    ------
    MissingError : a shard's signatures are not those of its documents in the snapshot.
    """
    signed = _signed(reader, reader.origin)
    inputs = {f"minhash_signatures/{shard}": one.content for shard, one in signed.items()}
    inputs |= {f"raw_shards/{shard}": one.inputs["raw_shards"] for shard, one in signed.items()}
    return dict.fromkeys(keys, inputs)


def signed_shards(reader: TableReader) -> dict[str, Manifest]:
    """Return the signatures of each shard of the snapshot that the live cluster_scores are of."""
    return _signed(reader, reader.required)


def _signed(reader: TableReader, read: Callable[[str, str], Made]) -> dict[str, Made]:
    """Return the same, read in some way, if the signatures are of the snapshot's documents."""
    snapshot = snapshot_of(reader.required("cluster_scores"))
    signed = {shard: read("minhash_signatures", shard) for shard in snapshot.names}
    waiting = [
        shard
        for shard, one in signed.items()
        if one.inputs["raw_shards"] != snapshot.content(reader, "raw_shards", shard)
    ]
    if waiting:
        raise MissingError(
            f"minhash_scores of {len(signed)} shards were asked for; {len(waiting)} have signatures of other "
            f"documents than cluster_scores, such as {waiting[0]}; materialize minhash_signatures and "
            "cluster_scores first"
        )
    return signed


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Draw the similarities of the pairs, and count the families."""
    from assets.charts import charts, drawing

    jaccard = reader.table(manifest, PAIRS.file, ["jaccard"])["jaccard"].to_numpy()
    picture = charts.similarities(charts.similarity_counts(jaccard), {}, [], of="Jaccard of a pair")
    return {
        **{name: manifest.facts[name] for name in _FACTS_SHOWN},
        "similarities": dg.MetadataValue.md(drawing.markdown_picture(picture)),
    }


@lake_asset(
    group_name="cluster",
    tables=[SCORES, PAIRS, INCOMPLETE],
    reads=[one("cluster_scores", is_input=False), named("minhash_signatures"), named("raw_shards")],
    inputs=signed_inputs,
    settings=("minhash.jaccard", *SHINGLE_SETTINGS),
    settings_of=signing_version,
    shows=show,
    documents=(TEXT, IMAGE),
    code_version="2",
    pool="memory",
)
def minhash_scores(build: Build, writer: Writer) -> Mapping[str, Any]:
    """One row is a training document of the snapshot; pairs.parquet beside has the pairs compared."""
    reader, settings, spec = build.reader, build.settings, build.spec
    signed, floor = signed_shards(reader), settings.minhash.jaccard
    shingling = Shingling(settings.minhash.shingle_unit, settings.minhash.shingle_size)
    snapshot = snapshot_of(reader.required("cluster_scores"))
    previous = minhash_pairs.reusable(reader, spec.settings, spec.code)
    updated = update(reader, shingling, floor, signed, snapshot, previous) if previous else None
    found = updated or compare(reader, shingling, floor, signed, snapshot, known_of(reader, previous))
    minhash_pairs.write(writer, found)
    linked = found.jaccard >= floor
    sizes = _write_scores(writer, found, linked)
    writer.facts |= {
        "floor": floor,
        "pairs": len(found.jaccard),
        "linked_pairs": int(linked.sum()),
        "families": len(sizes),
        "largest_family": int(sizes.max(initial=0)),
        "snapshot": {s: {"minhash_signatures": manifest.version} for s, manifest in signed.items()},
    }
    return {"made_by": "increment" if updated else "rebuild", "compared_anew": found.compared_anew}


def _write_scores(writer: Writer, found: CandidatePairs, linked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Join families, and write who joined which; return the sizes of the families of several."""
    rows, place = np.unique(np.append(found.one[linked], found.other[linked]), return_inverse=True)
    one, other = place.reshape(2, -1)
    joined = single_linkage(len(rows), other, one, found.jaccard[linked])  # of documents in a pair alone
    has_witness = joined.witness != NO_WITNESS
    n, linked_rows = len(found.ids), rows[has_witness]
    is_linked, jaccard, witness = np.zeros(n, np.bool_), np.zeros(n), np.zeros(n, "S32")
    is_linked[linked_rows], jaccard[linked_rows] = True, joined.height[has_witness]
    witness[linked_rows] = found.ids[rows[joined.witness[has_witness]]]
    columns = [id_column(found.ids), pa.array(jaccard, mask=~is_linked), id_column(witness, is_linked)]
    writer.table(pa.table(columns, schema=SCORES.schema), plain=SCORES.names)
    return _family_sizes(joined.witness)


def _family_sizes(witness: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the documents of each family of several."""
    representative = kept_witness(witness, witness == NO_WITNESS)
    members = np.bincount(representative[representative != NO_WITNESS], minlength=len(witness))
    return members[members > 0] + 1
