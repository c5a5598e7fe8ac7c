"""How cluster_scores and minhash_scores are computed, in full or from the last ones."""
