"""Demo fleets that know the truth about themselves.

A seeded simulation of a cluster writes the facts that its collectors would send, and `truth.json`:
what a correct check must say of them, counted card by card in plain dictionaries and integers.
Nothing here imports the product, so that the product can be held against it.

    plan → estate, tenants → jobs → schedule → faults → feed (facts) and truth → compare
"""
