"""Coverage in the plane: where and when the sources that must report were heard, of cards and of
accesses, and what a source that lost facts may have said."""
