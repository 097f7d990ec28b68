"""Traces: tables of a scheduler become facts, by a mapping of TOML around SQL, and every row has
one fate.

`trace` is the way through; the other modules are its steps. What is no table lives beside this
folder in `sovereignty.collect`; recording is passed in as a function.
"""
