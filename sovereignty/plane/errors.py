"""What the plane refuses."""


class PlaneError(ValueError):
    """Base of this package's errors. Raised when an input cannot be laid out in the plane."""


class WorldError(PlaneError):
    """Raised when a world contradicts itself, or is larger than the arithmetic allows."""
