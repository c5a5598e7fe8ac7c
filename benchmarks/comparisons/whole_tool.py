"""The whole tool, from a file of JSON lines to a file of JSON lines: by meaning, and by shared words."""

from benchmarks.measuring.plan import Comparison, Way

DOCUMENTS = {"tiny": 300, "small": 2_000, "quick": 27_000, "full": 27_000}
_TEXT_DEDUP = "benchmarks.ways.text_dedup_command"
_COMMAND = "benchmarks.ways.guyot_prune_command"
_LIMIT = "0.9"  # semhash's own default
_STEP = '{"method": "semdedup", "duplicate_distance": 0.1}'
_RECIPE = f'{{"name": "semdedup", "steps": [{_STEP}], "target_fraction": null}}'
_ABOUT = (
    "documents, summaries of encyclopedia articles in three languages, of which a twentieth are copies "
    "with 1.5% of "
    "their words replaced. From JSON lines to the JSON lines that are kept."
)
_FAIRNESS = (
    "All is counted: start, reading, encoding, comparing, writing; the static model's own distillation is "
    "not.",
    "The first row and semhash have the same model and limit. The recipe `semdedup` keeps exactly nine "
    "tenths with the "
    "default encoder, which sees spelling: another work, shown because it is what a user gets without "
    "options.",
    "Guyot also writes for each dropped document which other is why; semhash keeps that in memory, "
    "text-dedup does "
    "not.",
    "By meaning, recall is of the planted copies; the summaries hold other near-duplicates, which are not "
    "judged. By "
    "shared words, it is of all pairs with an exact Jaccard similarity of .8 or above, by an exact join, "
    "and precision "
    "is the share of dropped documents in such a pair: text-dedup takes any agreement of a band as found.",
)


def by_meaning(documents: int) -> Comparison:
    """Compare ways that encode."""
    return Comparison(
        f"Whole tool by meaning on {documents:,} articles",
        f"The whole tool by meaning: {documents:,} short documents",
        f"{documents:,} {_ABOUT}",
        ("benchmarks.inputs.summaries", str(documents), "0.05"),
        ("benchmarks.comparisons.score_pairs", "pairs"),
        (
            Way("guyot prune, cosine .9, static model", _COMMAND, (_RECIPE, "static"), "guyot", "guyot"),
            Way("guyot prune --recipe semdedup", _COMMAND, ("semdedup", "hashing"), "guyot", "guyot"),
            Way("semhash, cosine .9, static model", "benchmarks.ways.semhash_texts", (_LIMIT,)),
        ),
        documents,
        _FAIRNESS,
    )


def by_words(documents: int) -> Comparison:
    """Compare ways that look at shared words."""
    return Comparison(
        f"Whole tool by words on {documents:,} articles",
        f"The whole tool by shared words: {documents:,} short documents",
        f"{documents:,} {_ABOUT}",
        ("benchmarks.inputs.summaries", str(documents), "0.05"),
        ("benchmarks.comparisons.score_pairs", "alike", "complete"),
        (
            Way("guyot prune --recipe minhash", _COMMAND, ("minhash", "hashing"), "guyot", "guyot"),
            Way("text-dedup", _TEXT_DEDUP, ("0.8", "25", "5"), environment="text_dedup"),
        ),
        documents,
        _FAIRNESS,
    )


def comparisons(size: str) -> list[Comparison]:
    """List the comparisons of a size."""
    return [by_meaning(DOCUMENTS[size]), by_words(DOCUMENTS[size])]
