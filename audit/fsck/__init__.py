"""Check the ledger against its own stored bytes, and against the second store: one module a kind of
defect. It yields every defect, and mends none."""
