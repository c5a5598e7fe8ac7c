"""Audits: what an encoder responds to, what a score is confounded by, what a mixture does to its sources."""
