"""Read models: what pages, the API and commands show, in one place for all three.

A read model takes a reader, a check, a tenant or a workload, never a request, and returns frozen
dataclasses of plain values and rows of tables. It writes nothing and judges nothing. What parses a
URL or draws stays in `web`; words stay in templates, in `web.wording` and in the rules.

`tenants` says who is seen, `checks` which checks, `policies` what was asked; `splits` and
`findings` say what a check found, `deciders` which statements decided one finding; `passport`, with
`touch_pages`, `places` and `judgements`, is one workload; `freshness` and `card_hours` go with all.
"""
