"""Mazes, and what agents did in them."""
