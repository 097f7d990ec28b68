"""The kinds of the entries that a check and its policy write: the ledger writes them, and a replay
reads them again from a bundle. The kinds of facts stand in `sovereignty.facts.kinds`."""

from typing import Final

POLICY_PUBLISHED: Final = "policy.published/v1"
CHECK_SLICE: Final = "check.slice/v1"
CHECK_SUMMARY: Final = "check.summary/v1"
