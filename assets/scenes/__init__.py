"""Rendered scenes of known factors: built when they are asked for, and read by nothing else."""
