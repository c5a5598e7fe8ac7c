"""A catalogue of a dozen documents whose every aggregate can be worked out by hand, without running the graph.

Ten training documents d0 to d9 of 10, 20, ... 100 bytes: d0 to d3 in cluster 0 and folder a, the others in
cluster 1 and folder b. Recipe `all` keeps them; recipe `half` drops d0 to d4, each because of d9. Two more are
held out. A mixture and its rows of an older version of `half`, which kept nothing, must count nowhere.
"""

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from assets.graph import views
from assets.publish.database import Catalogue
from resources.lake.store import Store
from resources.settings import Settings

DOCUMENTS = [f"d{i}" for i in range(10)]
SIMILARITIES = [None, -0.1, 0.0, 0.99, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5]
Tables = dict[str, list[dict[str, Any]]]


def small_tables() -> Tables:
    """Return the rows of every table but lake_files, by table."""
    documents = [*DOCUMENTS, "h0", "h1"]
    return {
        "raw_shards": [
            {"doc_id": name, "source_path": f"{'a' if i < 4 else 'b'}/{name}.py", "record_key": "", "kind": "python",
             "content": "".join(f"line {n} of {name}\n" if n == 3 else f"line {n}\n" for n in range(6)),
             "meta": "{}", "content_digest": name, "split": "train" if i < 10 else "held_out"}
            for i, name in enumerate(documents)
        ],
        "quality_signals": [{"doc_id": n, "bytes": 10 * (i + 1), "tokens": i + 1} for i, n in enumerate(documents)],
        "quarantine": [{"source_path": f"bad{i}", "reason": "nul_byte" if i else "empty_file"} for i in range(3)],
        "cluster_scores": [
            {"doc_id": name, "cluster": int(i > 3), "max_similarity": value, "witness": None if value is None else "d9"}
            for i, (name, value) in enumerate(zip(DOCUMENTS, SIMILARITIES, strict=True))
        ],
        "cluster_geometry": [{"cluster": 0, "size": 4}, {"cluster": 1, "size": 6}],
        "pruned_mixtures": [*_mixture("all", 0), *_mixture("half", 5), *_mixture("half", 10, live=False)],
        "mixtures": [
            {"recipe": name, "version": f"{name}-version", "unit": "documents", "target_fraction": 1.0, "total": 10,
             "target": kept, "kept_units": kept, "n_eligible": 10, "n_kept": kept}
            for name, kept in (("half", 5), ("all", 10))
        ],
    }  # fmt: skip


def trained_tables() -> Tables:
    """Return what two runs of `half` and one of `all` add; one step's loss is not a number."""
    runs = [("all-0", "all", 0), ("half-0", "half", 0), ("half-1", "half", 1)]
    return {
        "training_runs": [
            {"run_id": run, "recipe": recipe, "seed": seed, "mixture_version": f"{recipe}-version",
             "schedule_version": "s", "tokens": 300, "steps": 3}
            for run, recipe, seed in runs
        ],
        "training_loss": [
            {"run": f"{recipe}/{seed}", "step": step, "tokens": 100 * step, "loss": 4.0 - step + seed}
            for _, recipe, seed in runs for step in (1, 2)
        ] + [{"run": "all/0", "step": 3, "tokens": 300, "loss": float("nan")}],
        "evaluations": [
            {"run_id": run, "slice": part, "value": 2.0 + seed, "low": 1.5 + seed, "high": 2.5 + seed, "n": 2}
            for run, _, seed in runs for part in ("all", "short", "long")
        ],
        "leaderboard": [
            {"recipe": "half", "runs": 2, "documents": 5, "tokens": 40, "kept_fraction": 0.5, "bits_per_byte": 2.5,
             "low": 2.0, "high": 3.0, "bits_per_byte_short": None, "bits_per_byte_short_low": None, "bits_per_byte_short_high": None, "bits_per_byte_long": 2.5,
             "bits_per_byte_long_low": 2.0, "bits_per_byte_long_high": 3.0, "difference": 0.5, "difference_low": -0.25,
             "difference_high": 0.75, "verdict": "no difference shown", "held_out_groups": 2, "seeds_needed": 12,
             "held_out_documents": 2, "contaminated_documents": 1, "bits_per_byte_clean": 2.625, "bits_per_byte_clean_low": 2.125,
             "bits_per_byte_clean_high": 3.125, "difference_clean": 0.625, "difference_clean_low": 0.125, "difference_clean_high": 0.875,
             "verdict_clean": "worse", "tokens_to_random": 150.0, "tokens_to_random_fraction": 0.5},
            {"recipe": "all", "runs": 1, "documents": 10, "tokens": 55, "kept_fraction": 1.0, "bits_per_byte": 2.0,
             "low": 1.5, "high": 2.5, "bits_per_byte_short": 2.0, "bits_per_byte_short_low": 1.5, "bits_per_byte_short_high": 2.5, "bits_per_byte_long": 2.0,
             "bits_per_byte_long_low": 1.5, "bits_per_byte_long_high": 2.5, "difference": None, "difference_low": None,
             "difference_high": None, "verdict": None, "held_out_groups": 2, "seeds_needed": None},
        ],
        "contamination": [
            {"recipe": name, "evaluation_set": "held_out", "records": 2, "exact": n, "near": 0, "overlapping": 0, "reworded": 0, "clean": 2 - n}
            for name, n in (("half", 0), ("all", 1))
        ],
        "leaderboard_curves": [
            {"recipe": recipe, "tokens": tokens, "bits_per_byte": 4.0 - tokens / 100, "runs": 1}
            for recipe in ("all", "half") for tokens in (0, 100, 200)
        ],
        "leaderboard_slices": [
            {"recipe": recipe, "slice": part, "bits_per_byte": value, "low": value - 0.5, "high": value + 0.5}
            for recipe, value in (("all", 2.0), ("half", 2.5)) for part in ("all", "short", "long", "kind python")
        ],
    }  # fmt: skip


def _mixture(recipe: str, dropped: int, *, live: bool = True) -> list[dict[str, Any]]:
    """Return the rows of a mixture that drops the first documents."""
    why = {"step": "semdedup", "reason": "near_duplicate", "score": 0.1, "threshold": 0.2, "witness": "d9"}
    held_out = {"kept": False, "step": "held_out", "reason": "held_out"}
    rows = [
        {"doc_id": n, "kept": i >= dropped, **(why if i < dropped else {})} for i, n in enumerate(DOCUMENTS)
    ]
    rows += [{"doc_id": name, **held_out} for name in ("h0", "h1")]
    return [{**row, "recipe": recipe, "version": f"{recipe}-{live}", "live": live} for row in rows]


def _arrow(rows: list[dict[str, Any]]) -> pa.Table:
    """Return rows as a table with every column that any of them has."""
    return pa.table(
        {name: [row.get(name) for row in rows] for name in dict.fromkeys(n for row in rows for n in row)}
    )


def write_catalogue(lake: Path, tables: Tables, row_group_size: int = 4) -> Catalogue:
    """Write a lake that has a catalogue of these rows and the Parquet of its documents, and nothing else."""
    settings = Settings(lake=str(lake))
    catalogue = Catalogue(Store(settings=settings))
    rows = Path(catalogue.store.path("raw_shards", "shard-0", "v", "rows.parquet"))
    rows.parent.mkdir(parents=True)
    pq.write_table(_arrow(tables["raw_shards"]), rows, row_group_size=row_group_size)
    with duckdb.connect(catalogue.path) as connection:
        connection.execute(f"CREATE TABLE lake_files AS {views.no_rows(views.LAKE_FILES.columns)}")
        connection.execute(
            "INSERT INTO lake_files VALUES ('raw_shards', 'shard-0', 'v', true, 'rows.parquet', 12, 1, ?)",
            [str(rows)],
        )
        for view in views.views():
            connection.execute(f"CREATE TABLE {view.name} AS {view.empty()}")
        for name, found in tables.items():
            if found:
                connection.register("found", _arrow(found))
                connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM found")
                connection.unregister("found")
    return catalogue
