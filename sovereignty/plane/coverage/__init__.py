"""Coverage: where and when the sources that must report were heard, of cards and of accesses.

`sources` holds what a check knows of each source: its declarations, heartbeats, and what it may
have lost. `sequences` finds lost facts by missing or repeated numbers, and `observed_scope` says
whether a source's facts keep to its declarations. `of_cards` classifies cards by coverage;
`of_accesses` says when an access to a tenant may not have been reported, on the cards of the
tenant's `footprints`. This wing knows no rule and no verdict.
"""
