"""Assets that cluster the documents and score them by their neighbours."""
