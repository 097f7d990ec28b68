"""What the plane refuses, as callers catch it."""

import pytest

from sovereignty.plane.errors import PlaneError, WorldError


def test_a_world_error_is_a_plane_error_and_a_value_error() -> None:
    with pytest.raises(PlaneError, match="period: want a start") as caught:
        raise WorldError("period: want a start before its end, got 5 to 5")
    assert isinstance(caught.value, ValueError)
