"""Inputs of comparisons, each made by a module: `-m MODULE OUTPUT ARGUMENTS`."""
