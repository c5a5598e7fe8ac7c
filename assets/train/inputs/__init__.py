"""What trainings and evaluations read of a snapshot."""
