"""The domain's tables."""

from sovereignty.models.access import Access
from sovereignty.models.check import WHOLE_FLEET, Check, CheckTotal, Slice, scope_digest
from sovereignty.models.derived import is_current, ledger_order
from sovereignty.models.fact import ORDINAL_BITS, Batch, Fact
from sovereignty.models.finding import Finding
from sovereignty.models.inventory import (
    CHUNK_CARDS,
    GRADES,
    Card,
    CardStatement,
    Chunk,
    Node,
    NodeStatement,
    RegionStatement,
)
from sovereignty.models.policy import Policy, PolicyInTrail
from sovereignty.models.source import Heard, SequenceReport, SourceDeclaration
from sovereignty.models.tenant import Tenant, TenantStatement
from sovereignty.models.touch import Touch, TouchChunk, TouchEnd, TouchPart
from sovereignty.models.workload import Workload, WorkloadStatement

__all__ = [
    "CHUNK_CARDS",
    "GRADES",
    "ORDINAL_BITS",
    "WHOLE_FLEET",
    "Access",
    "Batch",
    "Card",
    "CardStatement",
    "Check",
    "CheckTotal",
    "Chunk",
    "Fact",
    "Finding",
    "Heard",
    "Node",
    "NodeStatement",
    "Policy",
    "PolicyInTrail",
    "RegionStatement",
    "SequenceReport",
    "Slice",
    "SourceDeclaration",
    "Tenant",
    "TenantStatement",
    "Touch",
    "TouchChunk",
    "TouchEnd",
    "TouchPart",
    "Workload",
    "WorkloadStatement",
    "is_current",
    "ledger_order",
    "scope_digest",
]
