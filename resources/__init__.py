"""How the outside is reached: the lake, its catalogue, source files, models, threads."""
