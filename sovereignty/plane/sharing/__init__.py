"""Sharing in the plane: which touches met on which cards, found by a sweep line, and where a card's
place or a touch's end is not known well enough to say."""
