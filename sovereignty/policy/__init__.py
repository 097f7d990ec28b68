"""Policies: documents that name rules, and the evaluation of a world under one. Pure.

`evaluate` is the way through; each rule has a module in `rules/`, and `judging/` holds what they
share.
"""
