"""The tables of the factor audit: each of its own name and file."""

from assets.audit.factor_audit import factor_audit
from assets.audit.inputs import factor_tables


def test_every_table_is_the_assets() -> None:
    declared = [value for name, value in vars(factor_tables).items() if name.isupper()]
    assert list(factor_audit.tables) == declared
    assert declared[0].name == factor_audit.name
    for other in declared[1:]:
        assert other.name.removeprefix("factor_") == other.file.removesuffix(".parquet")
