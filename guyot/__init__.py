"""Prune training data: arrays and frozen dataclasses in, the same out; no files, no orchestration.

vectors ── cluster ──▶ centroids, assignments, geometry
                           │
signals ──────────▶ Documents ── prune ──▶ Cut: kept or not, why, because of whom
                                             │
                                           train ──▶ Schedule, bits per byte
"""
