"""Audits: what an encoder feels, what a score is confounded by, what a mixture does to its sources."""
