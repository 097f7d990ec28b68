"""The log over all trails: its keys and their entries, its genesis, its epochs, and the heads that
a seal closes. Witnesses and cosigning will live here. The act of sealing is ★3b `audit.seal`; the
formats are `audit.tlog`."""
