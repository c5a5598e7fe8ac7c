"""The whole tool, from a file of JSON lines to a file of JSON lines."""

from benchmarks.measuring.plan import Comparison, Way

DOCUMENTS = {"tiny": 300, "quick": 27_000, "full": 27_000}
_TEXT_DEDUP = "benchmarks.ways.text_dedup_command"
_COMMAND = "benchmarks.ways.guyot_prune_command"
_LIMIT = "0.9"  # semhash's own default
_STEP = '{"method": "semdedup", "duplicate_distance": 0.1}'
_RECIPE = f'{{"name": "semdedup", "steps": [{_STEP}], "target_fraction": null}}'


def comparisons(size: str) -> list[Comparison]:
    """List the comparisons of a size."""
    documents = DOCUMENTS[size]
    return [
        Comparison(
            f"Whole tool on {documents:,} articles",
            f"The whole tool: {documents:,} short documents from file to file",
            f"{documents:,} documents, summaries of encyclopedia articles in three languages, of which a "
            f"twentieth are copies "
            "with 3% of their words replaced. From JSON lines to the JSON lines that are kept.",
            ("benchmarks.inputs.summaries", str(documents), "0.05"),
            ("benchmarks.comparisons.score_pairs",),
            (
                Way("guyot prune, semdedup", _COMMAND, ("semdedup", "hashing"), "guyot", "guyot"),
                Way("guyot prune, cosine .9, static model", _COMMAND, (_RECIPE, "static"), "guyot", "guyot"),
                Way("guyot prune, minhash", _COMMAND, ("minhash", "hashing"), "guyot", "guyot"),
                Way("semhash, cosine .9, static model", "benchmarks.ways.semhash_texts", (_LIMIT,)),
                Way("text-dedup, minhash", _TEXT_DEDUP, ("0.8", "25", "5"), environment="text_dedup"),
            ),
            documents,
            (
                "All is counted: start, reading, encoding, comparing, writing; the static model's own "
                "distillation is not.",
                "The recipe semdedup keeps exactly nine tenths, with an encoder that sees spelling; the "
                "others go by a limit, "
                "so dropped documents differ. Rows of one model and limit, and the two of MinHash, do like "
                "work.",
                "Guyot also writes for each dropped document which other is why; semhash keeps that in "
                "memory, text-dedup does not.",
                "Recall is of the planted copies alone: these summaries hold other near-duplicates, which "
                "are not judged.",
            ),
        )
    ]  # fmt: skip
