"""Inventory: what is known of cards over time, and how many cards each node has.

`statements` resolves one attribute of one subject from dated and graded statements, and `histories`
finds the subjects that share a history. `known_cards` says which cards the inventory knows and
which slots may be aliases of them. `capacity` counts the cards of nodes, and `overcommit` finds
touches that count more cards than their nodes have. This wing reads no touch rows and no sources'
coverage.
"""
