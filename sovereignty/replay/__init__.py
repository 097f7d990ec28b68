"""★5b Replay: judges the facts of a verified bundle again, offline.

`command_line` verifies the bundle with `audit.verifier`. `replay` goes through the checks of the
tenant's trail, `stream` reads the facts that a check was made from, `world` builds the world that
the evaluator reads, and `sovereignty.policy` judges it. This package knows no Django and no
database.
"""
