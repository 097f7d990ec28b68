"""Inventory in the plane: what is known of cards over time, from dated and graded statements, and
how many cards there are room for."""
