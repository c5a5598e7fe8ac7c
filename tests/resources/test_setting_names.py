"""Names of settings: every old one has a new one, and mappings are nested and flattened."""

from resources.setting_names import RENAMED, flat, merged, nested, setting_names
from resources.settings import Settings


def test_every_renamed_setting_is_there_under_its_new_name_and_no_old_one_is_left() -> None:
    names = setting_names(Settings)
    assert set(RENAMED.values()) <= set(names)
    assert not set(RENAMED) & set(names)
    assert len(set(RENAMED.values())) == len(RENAMED)


def test_nested_and_flat_are_each_others_inverse() -> None:
    given = {"seed": 1, "clustering.n_clusters": 2, "clustering.iterations": 3}
    assert flat(nested(given)) == given
    assert nested({"clustering__n_clusters": 2}) == {"clustering": {"n_clusters": 2}}


def test_merging_changes_neither_mapping() -> None:
    under, over = {"a": {"x": 1, "y": 2}, "b": 1}, {"a": {"y": 3}}
    assert merged(under, over) == {"a": {"x": 1, "y": 3}, "b": 1}
    assert (under, over) == ({"a": {"x": 1, "y": 2}, "b": 1}, {"a": {"y": 3}})
