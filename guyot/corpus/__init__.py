"""Documents in memory: texts, tables or vectors -> columns -> a mixture, with a reason for each document.

corpus      the constructors, and prune
options     how documents are measured: encoder, tokens, clusters, seed
columns     what is computed of the documents, each column when it is first asked for
comparisons vectors and comparison lists in memory; each document's nearest predecessor
pruning     the columns that a recipe needs, as Documents, and the cut: the one place that calls guyot.prune
mixture     what was kept and dropped, and why; table: its columns
records     texts of JSON lines, Parquet and data sets; json_lines, parquet: the files
progress    one line on stderr, where work takes longer than two seconds
"""
