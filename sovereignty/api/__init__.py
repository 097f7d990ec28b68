"""The domain's API: a collector posts facts and gets receipts."""
