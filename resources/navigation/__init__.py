"""Policies of blind agents: the network, its trainings by imitation and by reward, and their folders."""
