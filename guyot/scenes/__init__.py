"""Scenes whose every factor is known: what there is to render, as plain values. See docs/scenes.md."""
