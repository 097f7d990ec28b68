"""The ledger's tables."""

from audit.models.job import Job
from audit.models.person import Person, TrailReader
from audit.models.seal import Seal, SealedHead
from audit.models.sign_in import SignInTries
from audit.models.token import Token
from audit.models.trail import Attachment, Entry, Receipt, Trail, TrailHead
from audit.tlog.trail_numbers import FLEET_NUMBER, OPERATOR_NUMBER

__all__ = [
    "FLEET_NUMBER",
    "OPERATOR_NUMBER",
    "Attachment",
    "Entry",
    "Job",
    "Person",
    "Receipt",
    "Seal",
    "SealedHead",
    "SignInTries",
    "Token",
    "Trail",
    "TrailHead",
    "TrailReader",
]
