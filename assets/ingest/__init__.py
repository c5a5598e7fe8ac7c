"""Assets from the source files to tokens, signals, signatures and embeddings."""
