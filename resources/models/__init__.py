"""Encoders, tokenizers and language models."""
