"""Documents that are alike: nearest predecessors, pairs, covers and families."""
