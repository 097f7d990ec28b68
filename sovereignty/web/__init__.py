"""The domain's pages. They read through `sovereignty.queries`."""
