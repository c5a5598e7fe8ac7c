"""Factor audit: what recipes do to the levels of known factors, and what the encoder tells of them.

Factors are values of the documents' meta: those of rendered scenes, or any labels of a data set.
"""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa

from assets.audit.inputs import factor_rows, known_factors, mixtures_under_audit
from assets.audit.inputs.factor_rows import Rows
from assets.audit.inputs.factor_tables import (
    AGREEMENT,
    ASSOCIATION,
    COPIES,
    DECODABILITY,
    DIFFERENCES,
    DUPLICATES,
    LEVELS,
)  # fmt: skip
from assets.audit.inputs.known_factors import KnownFactors, Removed
from assets.audit.inputs.sampled_vectors import SampledVectors
from assets.charts.pair_sheet import N_PAIRS, pair_sheet
from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.doc_ids import id_bits
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.ingest.inputs.shard_images import decoded
from assets.ingest.raw_shards import IMAGES
from guyot.audit.factors.factor import binned
from guyot.seeds import draw_sample, generator
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.setting_groups import IMAGE

SHEET = "pairs.png"


def factors_are_named(lake: LakeResources) -> bool:
    """Return whether the settings name factors: nobody else waits for an audit of what they do not know."""
    return bool(lake.settings.audit.factor_columns.strip())


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Say what there is, draw it, and show dropped pictures beside their witnesses."""
    shown: dict[str, Any] = {"said": manifest.facts["said"]}
    if not manifest.rows:
        return shown
    from assets.charts import factors
    from assets.charts.drawing import markdown_picture

    def rows(file: str) -> Rows:
        return reader.table(manifest, file).to_pylist()

    levels, association = reader.table(manifest).to_pylist(), rows(ASSOCIATION.file)
    charts = {"association": factors.associations(association)}
    measured = [row for row in association if row["cramers_v"] is not None]
    if measured:
        most = max(measured, key=lambda row: row["cramers_v"])["recipe"]
        charts["removal"] = factors.removal_by_level([r for r in levels if r["recipe"] == most], most)
    for name, file, draw in (
        ("agreement", AGREEMENT.file, factors.agreement_with_witnesses),
        ("decodability", DECODABILITY.file, factors.decodability),
        ("differences", DIFFERENCES.file, factors.distances_by_factor),
        ("duplicates", DUPLICATES.file, factors.duplicates_by_limit),
    ):
        if found := rows(file):
            charts[name] = draw(found)
    shown |= {name: dg.MetadataValue.md(markdown_picture(chart)) for name, chart in charts.items()}
    if manifest.facts["pairs_of"]:
        drawn = base64.b64encode(reader.checked(manifest, SHEET)).decode()
        about = f"Dropped by {manifest.facts['pairs_of']} (left) beside the witness (right)"
        shown["pairs"] = dg.MetadataValue.md(f"{about}\n\n![pairs](data:image/png;base64,{drawn})")
    return shown


@lake_asset(
    group_name="audit",
    tables=[LEVELS, ASSOCIATION, AGREEMENT, DECODABILITY, DUPLICATES, COPIES, DIFFERENCES],
    reads=known_factors.READS,
    inputs=mixtures_under_audit.inputs,
    settings=(
        "audit.factor_columns", "audit.duplicate_group_column", "audit.duplicate_variant_column",
        "audit.factor_sample_size", "audit.bootstrap_draws", "seed",
    ),
    shows=show,
    is_wanted=factors_are_named,
    code_version="1",
    pool="memory",
)  # fmt: skip
def factor_audit(build: Build, writer: Writer) -> None:
    """One row is a level of a known factor under a recipe: how much of it is removed.

    Beside it: association.parquet, how strongly removal goes with a factor; agreement.parquet, of dropped
    documents with their witnesses; decodability.parquet, what a linear model reads from the vectors;
    duplicates.parquet and copies.parquet, of known copies; differences.parquet, how far one factor moves.
    """
    reader, settings = build.reader, build.settings
    found = known_factors.load(reader, settings.audit)
    recipes = dict(known_factors.removals(reader, found.known)) if found.factors else {}
    levels, association = _removal(build, found, recipes)
    sample = draw_sample(
        settings.seed, "factor-sample", id_bits(found.known.ids), settings.audit.factor_sample_size
    )
    vectors = SampledVectors.of(reader, found, sample, settings)
    for table, rows in (
        (LEVELS, levels),
        (ASSOCIATION, association),
        (AGREEMENT, factor_rows.agreement_rows(found, recipes)),
        (DECODABILITY, vectors.decodability_rows(found, settings)),
        (DUPLICATES, factor_rows.duplicate_rows(reader, found, recipes)),
        (COPIES, vectors.copy_rows(reader, found)),
        (DIFFERENCES, vectors.difference_rows(found)),
    ):
        writer.table(pa.Table.from_pylist(rows, table.schema), table.file)
    writer.facts |= {"said": found.summary(), "pairs_of": _write_sheet(build, writer, found, recipes)}


def _removal(build: Build, found: KnownFactors, recipes: Mapping[str, Removed]) -> tuple[Rows, Rows]:
    """Count what each recipe removes of each level."""
    audit, seed = build.settings.audit, build.settings.seed
    levels: Rows = []
    association: Rows = []
    factors = [binned(factor) for factor in found.factors]
    for recipe, own in recipes.items():
        for factor in factors:
            stream = generator(seed, "factor-removal", recipe, factor.name)
            rows, row = factor_rows.removal_rows(recipe, factor, own, audit.bootstrap_draws, stream)
            levels += rows
            association.append(row)
    return levels, association


def _write_sheet(build: Build, writer: Writer, found: KnownFactors, recipes: Mapping[str, Removed]) -> str:
    """Draw some dropped pictures beside their witnesses; return the recipe, or nothing."""
    of = {name: own for name, own in recipes.items() if len(own.dropped)}
    if build.settings.reading.documents != IMAGE or not of:
        return ""
    recipe = "semdedup" if "semdedup" in of else next(iter(of))
    own = of[recipe]
    bits = id_bits(found.known.ids[own.dropped])
    chosen = draw_sample(build.settings.seed, "factor-pairs", bits, N_PAIRS)
    rows = np.stack([own.dropped[chosen], own.witness[chosen]], axis=1)
    images = known_factors.images_of(build.reader, found, rows.ravel(), IMAGES.file)

    def pairs() -> Iterator[tuple[Any, Any]]:
        for pair in rows.tolist():
            one, other = (decoded(images[row], str(row), build.settings).pixels for row in pair)
            yield one, other

    with writer.file(SHEET) as sink:
        sink.write(pair_sheet(pairs()))
    return recipe
