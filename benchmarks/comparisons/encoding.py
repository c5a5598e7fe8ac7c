"""Encoding: the same weights by Guyot and by the libraries that are made for them."""

from benchmarks.measuring.plan import Comparison, Way

TRANSFORMER_DOCUMENTS = {"tiny": 24, "small": 48, "quick": 256, "full": 2_048}
STATIC_DOCUMENTS = {"tiny": 24, "small": 3_000, "quick": 10_000, "full": 10_000}
_GUYOT, _PEER = "benchmarks.ways.guyot_encoder", "benchmarks.ways.sentence_transformers_encoder"
_MODEL2VEC = "benchmarks.ways.model2vec_encoder"


def transformer(size: str) -> Comparison:
    """Compare ways to run MiniLM."""
    documents = TRANSFORMER_DOCUMENTS[size]
    return Comparison(
        f"MiniLM on {documents:,} articles",
        f"MiniLM: {documents:,} summaries of encyclopedia articles",
        "all-MiniLM-L6-v2 in float32 on summaries of some 500 characters. Loading the model is not counted.",
        ("benchmarks.inputs.summaries", str(documents), "0"),
        ("benchmarks.comparisons.score_cosines", "sentence-transformers"),
        (
            Way("Guyot, first 256 tokens", _GUYOT, ("minilm", "1", "256"), "guyot", "guyot"),
            Way("Guyot, four windows of 64 tokens", _GUYOT, ("minilm", "4", "64"), "guyot", "guyot"),
            Way("sentence-transformers", _PEER, ("256",)),
        ),
        documents,
        (
            "The first row of Guyot and sentence-transformers do the same: the first 256 tokens, batches "
            "of 64 of like "
            "length. Cosines are to sentence-transformers' vectors.",
            "Four windows are Guyot's default; they see the end of a long document, and give another vector.",
            "Nearly all the time is torch's in all three, so ratios near 1 are what there is to expect.",
        ),
    )  # fmt: skip


def static(size: str) -> Comparison:
    """Compare ways to sum the vectors of tokens."""
    documents = STATIC_DOCUMENTS[size]
    return Comparison(
        f"A static model on {documents:,} articles",
        f"A static model: {documents:,} summaries of encyclopedia articles",
        "A model distilled from MiniLM by model2vec, 256 coordinates, on summaries of some 500 characters.",
        ("benchmarks.inputs.summaries", str(documents), "0"),
        ("benchmarks.comparisons.score_cosines", "model2vec-whole-documents"),
        (
            Way("Guyot, static", _GUYOT, ("static",), "guyot", "guyot"),
            Way("model2vec, whole documents", _MODEL2VEC, ("whole",)),
            Way("model2vec, first 512 tokens", _MODEL2VEC, ("cut",)),
        ),
        documents,
        (
            "The same model directory. Guyot reads whole documents, so model2vec without its cut does the "
            "same; cut is its "
            "default. Cosines are to model2vec's vectors of whole documents.",
            "Guyot keeps the tokens of words that it has seen, which favours it where few languages and "
            "subjects are read.",
        ),
    )  # fmt: skip


def comparisons(size: str) -> list[Comparison]:
    """List the comparisons of a size."""
    return [transformer(size), static(size)]
