"""The deployment loads light, and holds the assets of the design."""

import subprocess
import sys

HEAVY = (
    "torch", "transformers", "faiss", "matplotlib", "dagster_aws", "altair", "vl_convert", "mitsuba", "PIL", "imagehash", "scipy",
)  # fmt: skip
ASSETS = {
    "shard_registry", "raw_shards", "tokenizer", "quality_signals", "minhash_signatures", "embeddings",
    "centroids", "minhash_scores", "length_confound", "agreement", "shift", "duplicate_truth",
    "cluster_assignments", "cluster_scores", "pruned_mixtures", "epoch_schedules", "training_runs",
    "evaluations", "shared_init", "model_soups", "leaderboard", "catalogue", "report", "corruption_sensitivity",
    "evaluation_sets", "contamination_scores", "contamination", "external_runs", "embedding_invariance",
    "scene_specs", "rendered_scenes", "image_signals", "factor_audit", "duplicate_radius", "data_factor_search",
    "episode_signals", "map_probes", "mazes", "nav_policies", "episodes", "nav_audits",
}  # fmt: skip


def test_loading_the_definitions_imports_nothing_heavy() -> None:
    code = f"import definitions, sys; print([n for n in {HEAVY!r} if n in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_assets_are_those_of_the_design_and_say_what_a_row_is() -> None:
    from definitions import defs

    specs = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}
    assert set(specs) == ASSETS
    assert all("row" in (spec.description or "") for spec in specs.values())
    assert all(spec.owners and spec.kinds and spec.group_name for spec in specs.values())


def test_the_definitions_are_valid() -> None:
    from definitions import defs

    for job in ("scan", "ingest", "score", "curate", "warm_up", "train", "soups", "publish"):
        assert defs.resolve_job_def(job)
