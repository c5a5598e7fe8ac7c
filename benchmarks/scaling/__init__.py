"""How long the graph takes for millions of documents, and what follows for more."""
