"""Known factors of documents: what a recipe removes of each level, and what vectors tell of them.

PUG (Bordes et al. 2023, arXiv:2308.03977) renders pictures whose factors are known, so that a model's answer
can be taken apart by factor. The same questions can be put to any documents with labels.
"""
