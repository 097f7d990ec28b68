"""What can go wrong before a trace is read to its end. Messages start in lower case and say what
was expected and what was received."""


class TraceError(ValueError):
    """Base of the errors below. Raised when none of them fits: never."""


class MappingError(TraceError):
    """Raised when a mapping, or SQL in it, cannot be used."""


class SitePlanError(TraceError):
    """Raised when a site plan cannot be used."""


class TableError(TraceError):
    """Raised when a file as a whole cannot be read as a table of the mapping."""
