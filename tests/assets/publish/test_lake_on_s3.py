"""DuckDB reads the Parquet of a lake, in a folder as it is and on S3 by the lake's client."""

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from assets.publish.lake_on_s3 import reach_lake
from resources.lake.saved_batches import write
from resources.lake.store import Store
from resources.settings import Settings


def test_rows_of_a_lake_are_read_wherever_it_is(place: str) -> None:
    store = Store(settings=Settings(lake=place))
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"n": [1, 2, 4]}), sink)
    path = store.path("numbers.parquet")
    write(store.files, path, sink.getvalue().to_pybytes())
    with duckdb.connect() as connection:
        reach_lake(store, connection)
        quoted = path.replace("'", "''")
        assert connection.execute(f"SELECT sum(n) FROM read_parquet('{quoted}')").fetchone() == (7,)
