import gc
import os

import pytest

from sidecar.observe.cells import Cells


def test_given_a_new_slot_when_it_is_read_then_every_cell_is_zero() -> None:
    cells = Cells.create(5)

    assert list(cells.view) == [0.0] * 5


def test_given_a_slot_in_two_mappings_when_one_writes_then_the_other_reads_it() -> None:
    cells = Cells.create(3)
    same = Cells(os.dup(cells.fd), 3)

    same.view[1] += 2.5

    assert list(cells.view) == [0.0, 2.5, 0.0]


def test_given_whole_numbers_when_they_are_written_then_they_take_the_cells_of_their_places() -> (
    None
):
    cells = Cells.create(3)

    cells.words[1] = (1 << 64) - 1

    assert list(cells.words) == [0, (1 << 64) - 1, 0]
    assert (cells.view[0], cells.view[2]) == (0.0, 0.0)


def test_given_a_slot_when_it_is_closed_then_its_descriptor_is_gone() -> None:
    cells = Cells.create(1)

    cells.close()

    try:
        os.fstat(cells.fd)
    except OSError:
        return
    raise AssertionError("the descriptor is still open")


def test_given_a_slot_when_a_child_is_started_then_it_is_not_inherited_by_accident() -> None:
    cells = Cells.create(1)

    assert not os.get_inheritable(cells.fd)


def test_given_a_slot_that_nobody_has_any_more_then_its_descriptor_is_gone() -> None:
    cells = Cells.create(1)
    fd = cells.fd

    del cells
    gc.collect()

    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)
