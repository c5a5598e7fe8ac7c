"""MinHash over real pages: libraries on texts in memory, and commands from file to file."""

from benchmarks.measuring.plan import Comparison, Way

DOCUMENTS = {"tiny": 150, "small": 500, "quick": 3_000, "full": 20_000}
JACCARD, BANDS, ROWS = "0.8", "25", "5"  # those that Guyot takes for .8
TEXT_DEDUP = "benchmarks.ways.text_dedup_command"
RENSA_BANDS = "16"  # which must divide 128; 25 does not
_FAIRNESS = (
    "Pages are what a Debian machine has: documentation, manuals and licences of its packages, up to 50 kB "
    "each; blocks "
    "of neighbouring files drawn at random, texts that come twice taken once, so that no tool is paid for "
    "equal ones.",
    "Recall is of all pairs of pages whose sets of word 5-shingles have an exact Jaccard similarity of .8 "
    "or above, "
    "found by an exact join without hashing of sets. Precision is the share of dropped pages with such a "
    "partner.",
    "All take 128 permutations, word 5-shingles, and 25 bands of 5; rensa 16 of 8, since its bands must "
    "divide 128. "
    "Words are split at white space by us, which is Guyot's rule too; text-dedup and datatrove normalise "
    "and split "
    "otherwise, so the truth favours the first three: a part of what they drop for less is by design.",
    "Guyot compares candidates exactly and counts that as work; the others take any agreement of a band as "
    "found. With "
    "these bands a pair of .6 agrees nine times in ten, so they drop much below .8: longer bands would "
    "raise their "
    "precision and cost recall. rensa flags all of a group, and who stays is left to its caller.",
    "datatrove is made for many machines: its steps hand files to one another, and its word tokenizer for "
    "English "
    "takes most of its time.",
)


def libraries(documents: int) -> Comparison:
    """Compare libraries on texts in memory."""
    return Comparison(
        f"MinHash of {documents:,} pages in memory",
        f"MinHash of {documents:,} real pages, in memory",
        f"{documents:,} pages of this machine. Sought: pages that share .8 of their word 5-shingles with "
        f"another.",
        ("benchmarks.inputs.pages", str(documents)),
        ("benchmarks.comparisons.score_pairs", "pairs", "complete"),
        (
            Way("Guyot", "benchmarks.ways.guyot_minhash", (JACCARD,), "guyot", "guyot"),
            Way("rensa", "benchmarks.ways.rensa_lsh", (JACCARD, RENSA_BANDS)),
            Way("datasketch", "benchmarks.ways.datasketch_lsh", (BANDS, ROWS)),
        ),
        documents,
        _FAIRNESS,
    )


def commands(documents: int) -> Comparison:
    """Compare commands from file to file."""
    step = f'{{"method": "minhash", "jaccard": {JACCARD}}}'
    recipe = f'{{"name": "minhash", "steps": [{step}], "target_fraction": null}}'
    return Comparison(
        f"MinHash of {documents:,} pages from file to file",
        f"MinHash of {documents:,} real pages, from file to file",
        "The same pages, from a file of JSON lines to files of what is kept, start and end of all "
        "processes included.",
        ("benchmarks.inputs.pages", str(documents)),
        ("benchmarks.comparisons.score_pairs", "pairs", "complete"),
        (
            Way("guyot prune", "benchmarks.ways.guyot_prune_command", (recipe, "hashing"), "guyot", "guyot"),
            Way("text-dedup", TEXT_DEDUP, (JACCARD, BANDS, ROWS), environment="text_dedup"),
            Way("datatrove", "benchmarks.ways.datatrove_steps", (BANDS, ROWS)),
        ),
        documents,
        _FAIRNESS,
    )


def comparisons(size: str) -> list[Comparison]:
    """List the comparisons of a size."""
    return [libraries(DOCUMENTS[size]), commands(DOCUMENTS[size])]
