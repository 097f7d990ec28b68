"""How fast a world is loaded from the database."""
