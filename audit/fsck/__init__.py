"""Check the ledger against its own stored bytes and the second store, with one module for each kind
of defect. It yields every defect, and mends none."""
