"""Ways of doing a work, each a module that is run in a fresh process of its environment: `-m MODULE INPUT
OUTPUT`.
"""
