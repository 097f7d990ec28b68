"""What can be wrong with a proof, a note or a file. Every error of this package is a `TlogError`.

Messages start in lower case and say what a field or proof must be and what it is: `want … got …`.
"""


class TlogError(Exception):
    """Base of every error here. Raised as one of the classes below; catch it to treat all alike."""


class CanonicalError(TlogError):
    """Raised when a value has no canonical JSON, or bytes are not their value's canonical JSON."""


class ProofError(TlogError):
    """Raised when a Merkle proof does not lead to its root, or is asked for outside its tree."""


class NoteError(TlogError):
    """Raised when a note, key or cosignature is malformed, or a signature does not verify."""


class CheckpointError(TlogError):
    """Raised when a checkpoint's text is not origin, tree size and root in their one spelling."""


class TrustError(TlogError):
    """Raised when a trust policy is malformed, ambiguous, or asked about a witness it lacks."""


class EntryError(TlogError):
    """Raised when an entry or a trail's genesis lacks a field, has a wrong one, or is too long."""


class HeadError(TlogError):
    """Raised when a trail head, a log genesis or an epoch record is malformed."""


class ReceiptError(TlogError):
    """Raised when a receipt is malformed or contradicts itself."""


class BundleError(TlogError):
    """Raised when an evidence bundle is not the one strict zip file that its format describes."""
