"""Columns out of the database: integers as arrays, keys as text, in the order of the rows."""

import numpy as np
import pytest

from sovereignty.loading.columns import integers, texts

pytestmark = pytest.mark.django_db
ROWS = "SELECT 3 AS n, 'b' AS t UNION ALL SELECT 4611686018427387904, 'a' UNION ALL SELECT 1, 'c'"


def test_each_column_is_one_array() -> None:
    first, second = integers(f"SELECT n, -n FROM ({ROWS}) AS r ORDER BY t", [], 2)
    assert first.dtype == np.int64 and first.tolist() == [2**62, 3, 1]
    assert second.tolist() == [-(2**62), -3, -1]


def test_no_rows_are_empty_columns() -> None:
    nothing = integers(f"SELECT n, n FROM ({ROWS}) AS r WHERE n > %s", [2**62], 2)
    assert [column.tolist() for column in nothing] == [[], []]
    assert texts(f"SELECT t FROM ({ROWS}) AS r WHERE n > %s", [2**62]) == []


def test_texts_come_in_order() -> None:
    assert texts(f"SELECT t FROM ({ROWS}) AS r WHERE n > %s ORDER BY t", [1]) == ["a", "b"]
