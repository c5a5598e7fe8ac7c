"""Near-duplicates among given vectors: among all pairs, and within clusters."""

from benchmarks.measuring.plan import Comparison, Way

LIMIT = "0.95"
WIDTH = 384
KINDS = {
    "minilm": "MiniLM's vectors of 1,024 encyclopedia articles, resampled with their mean and covariance",
    "isotropic": "random topics that differ in every direction alike",
}
# of the documents of a size: (all pairs of these, in clusters of these)
SIZES = {
    "tiny": ((600,), (600,)),
    "small": ((10_000,), (10_000,)),
    "quick": ((50_000,), (50_000, 200_000)),
    "full": ((50_000, 200_000), (200_000, 1_000_000)),
}
_SAME = "Every way reads the same float16 file; turning it into float32 counts as work."
_PAIRS = (
    _SAME,
    "Recall is of planted near-copies with a cosine above .95, a tenth of the documents.",
    "Guyot and faiss compare all pairs and miss none; semhash searches an approximate index.",
    "faiss flat returns the two nearest of each document, which its caller must still turn into a choice; "
    "it flags "
    "both documents of a pair, so its dropped are about twice as many.",
    "semhash is a tool for texts: its encoder is replaced by one that returns the given vectors. It also "
    "keeps for "
    "each dropped document those that it duplicates, where Guyot keeps the nearest one.",
    "The floor multiplies each pair once in float32 and looks at nothing. Guyot can be below it: it proves "
    "from "
    "a part of the coordinates that most pairs are far apart, which other products would not show.",
)
_CLUSTERS = (
    _SAME,
    "Recall is of planted near-copies with a cosine above .95, a tenth of the documents.",
    "As many clusters as the square root of the documents. Guyot with its defaults: 64 documents a "
    "centroid, 10 "
    "iterations; documents near a border are compared in both clusters. The others with what SemDeDup's "
    "authors and "
    "their libraries have: 256 and 20. Fewer iterations favour Guyot's time; its recall shows what they "
    "cost.",
    "The published rule is our own few lines of torch in the memory of one process: without the files and "
    "the job "
    "queue of the published code, which favours it.",
    "Guyot stores exact cosines (those of float64), the others float32 products.",
    "The floor is the float32 products of 20 iterations on 256 documents a centroid, of the assignment and "
    "of half of "
    "each cluster's pairs, at clusters of one size. Guyot's own k-means has fewer products than that.",
)


def all_pairs(kind: str, documents: int) -> Comparison:
    """Compare ways that look at all pairs, or search an index of all."""
    return Comparison(
        f"All pairs of {documents:,} vectors, {kind}",
        f"All pairs of {documents:,} vectors, {kind}",
        f"{documents:,} vectors of {WIDTH} coordinates: {KINDS[kind]}. Sought: documents with a "
        f"near-duplicate.",
        ("benchmarks.inputs.vectors", kind, str(documents), str(WIDTH)),
        ("benchmarks.comparisons.score_pairs", "pairs"),
        (
            Way("Guyot, all pairs", "benchmarks.ways.guyot_vectors", ("all_pairs", LIMIT), "guyot", "guyot"),
            Way("half a float32 product", "benchmarks.ways.sgemm_floor", ("all_pairs",), "floor", "guyot"),
            Way("faiss flat", "benchmarks.ways.faiss_flat", (LIMIT,)),
            Way("semhash", "benchmarks.ways.semhash_vectors", (LIMIT,)),
        ),
        documents,
        _PAIRS,
    )


def in_clusters(kind: str, documents: int) -> Comparison:
    """Compare ways that cluster first: SemDeDup."""
    return Comparison(
        f"In clusters of {documents:,} vectors, {kind}",
        f"SemDeDup of {documents:,} vectors, {kind}",
        f"{documents:,} vectors of {WIDTH} coordinates: {KINDS[kind]}. Sought: near-duplicates within "
        f"clusters.",
        ("benchmarks.inputs.vectors", kind, str(documents), str(WIDTH)),
        ("benchmarks.comparisons.score_pairs", "pairs"),
        (
            Way(
                "Guyot, in clusters",
                "benchmarks.ways.guyot_vectors",
                ("in_clusters", LIMIT),
                "guyot",
                "guyot",
            ),
            Way("float32 products", "benchmarks.ways.sgemm_floor", ("in_clusters",), "floor", "guyot"),
            Way("faiss k-means, published rule", "benchmarks.ways.faiss_kmeans_published_rule", (LIMIT,)),
            Way(
                "scikit-learn MiniBatchKMeans, published rule",
                "benchmarks.ways.sklearn_published_rule",
                (LIMIT,),
            ),
        ),
        documents,
        _CLUSTERS,
    )


def comparisons(size: str) -> list[Comparison]:
    """List the comparisons of a size."""
    pairs, clusters = SIZES[size]
    return [
        *(all_pairs(kind, documents) for documents in pairs for kind in KINDS),
        *(in_clusters(kind, documents) for documents in clusters for kind in KINDS),
    ]
