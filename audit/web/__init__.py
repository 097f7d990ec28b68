"""The ledger's pages: trails, seals, exports, signing in."""
