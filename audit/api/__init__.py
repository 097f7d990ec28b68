"""The ledger's API: exports, and what every API view shares."""
