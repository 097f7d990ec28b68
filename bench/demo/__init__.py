"""The demo: a small fleet, checked, sealed, exported, verified and served."""
