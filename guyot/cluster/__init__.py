"""Group documents: k-means on a sample, exact assignment, the geometry of clusters."""
