"""How a comparison is measured: environments, processes, rounds, results, the page."""
