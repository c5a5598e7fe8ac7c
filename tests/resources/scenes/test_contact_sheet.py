"""A contact sheet has pictures evenly chosen, in order, and none of their bytes."""

import numpy as np

from resources.scenes.contact_sheet import contact_sheet
from resources.scenes.encodings import decode, encode


def grey(value: int) -> bytes:
    return encode(np.full((4, 4, 3), value, np.uint8), "png")


def test_few_pictures_are_all_there_in_rows_of_twelve():
    sheet = decode(contact_sheet([grey(i) for i in range(14)]))
    assert sheet.shape == (8, 48, 3)
    assert sheet[0, ::4, 0].tolist() == list(range(12))
    assert sheet[4, ::4, 0].tolist() == [12, 13, *[255] * 10]


def test_of_many_some_are_chosen_evenly():
    sheet = decode(contact_sheet([grey(i) for i in range(200)], n=4))
    assert sheet[0, ::4, 0].tolist() == [0, 50, 100, 150]


def test_one_picture_is_a_sheet():
    assert decode(contact_sheet([grey(7)])).shape == (4, 4, 3)
