"""Runs the command as `python -m guyot.cli`."""

from guyot.cli import main

main()
