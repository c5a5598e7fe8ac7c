"""Blind agents: mazes, policies that learn to walk them, their episodes, and what their memory holds."""
