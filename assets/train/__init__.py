"""Assets that train on the mixtures and compare the results."""
