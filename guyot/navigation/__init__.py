"""Mazes, what a blind agent senses and does in them, and a planner that shows what can be reached there."""
