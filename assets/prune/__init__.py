"""Assets that apply the recipes: mixtures and the schedules of their epochs."""
