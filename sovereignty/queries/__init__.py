"""Read models: what pages, the API and commands show, in one place for all three.

A read model takes a reader, a check, a tenant or a workload, never a request, and returns frozen
values. It writes nothing and judges nothing. What parses a URL or draws stays in `web`; words stay
in templates and `web.wording`.
"""
