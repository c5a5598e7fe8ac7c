"""What an agent's memory holds of the maze it walked in: occupancy, collisions, places."""
