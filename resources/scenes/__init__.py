"""Physically based rendered scenes: the renderer, the processes that it runs in, and the files of a set."""
