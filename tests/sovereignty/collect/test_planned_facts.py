"""What a site plan adds to a trace: planned facts of its own source, dated as the cards that they
speak of."""

from pathlib import Path
from typing import Any

from tests.sovereignty.collect.tracing import Imported, imported

MAPPING = '''
format = "domicile/trace/v1"
source = "test"

[tables.jobs]
columns = ["job", "project", "node", "slots", "model", "start"]
derive = { tenant = "canonical('tenant', project)", start_ms = "CAST(start AS INTEGER)" }

[inventory]
select = """
  SELECT row_id, node, slots, canonical('model', model) AS model, start_ms AS "at",
         'declared' AS evidence
  FROM jobs WHERE model <> ''
"""

[facts."tenant.declared"]
select = """
  SELECT tenant, min(start_ms) AS effective_at, 'declared' AS evidence
  FROM jobs GROUP BY tenant ORDER BY tenant
"""

[touch]
select = """
  SELECT row_id, tenant, job AS touch, job AS workload, start_ms AS started_at,
         NULL AS ended_at, 'observed' AS evidence, node, nullif(slots, '') AS slots
  FROM jobs
"""
'''
PLAN = """
format = "domicile/site-plan/v1"
source = "plan"
effective_at = 1970-01-01T00:00:00.005Z
"""
HEADER = "job,project,node,slots,model,start\n"


def planned(folder: Path, plan: str, *rows: str) -> Imported:
    return imported(folder, MAPPING, {"jobs.csv": HEADER + "\n".join(rows) + "\n"}, PLAN + plan)


def said(found: Imported) -> list[dict[str, Any]]:
    """The facts of the plan, which are all planned, without their grade."""
    facts = [dict(event["data"]) for event in found.events if event["source"] == "plan"]
    assert {fact.pop("evidence") for fact in facts} <= {"planned"}
    return facts


def test_declares_its_regions_at_its_own_date(tmp_path: Path) -> None:
    region = '[[region]]\nregion = "r1"\ncountry = "CN"\nprovider = "p"\nterritory = "HK"\n'
    assert said(planned(tmp_path, region, "1,ada,n1,0,A,10")) == [
        {"region": "r1", "country": "CN", "provider": "p", "territory": "HK", "effective_at": 5}
    ]


def test_adds_to_each_tenant_of_the_trace_what_it_knows(tmp_path: Path) -> None:
    first = '[[tenant]]\ntenants = ["ada", "zoe"]\nsector = "hospital"\n'
    second = '[[tenant]]\ntenants = ["ada"]\nsector = "x"\nhome_jurisdiction = "CN"\n'
    found = planned(tmp_path, first + second, "1,ada,n1,0,A,10", "2,ruth,n1,0,A,20")
    assert said(found) == [
        {"tenant": "ada", "sector": "hospital", "home_jurisdiction": "CN", "effective_at": 5}
    ]


def test_merges_spellings_of_tenants_and_counts_both(tmp_path: Path) -> None:
    plan = '[spellings.tenant]\nada = ["ADA", "Ada"]\n[spellings.model]\n"A 1" = ["a1"]\n'
    found = planned(tmp_path, plan, "1,ada,n1,0,A 1,10", "2,ADA,n1,0,a1,20", "3,Ada,n1,0,A 1,30")
    assert found.account.spellings == {"tenant": (3, 1), "model": (2, 1)}
    assert [tenant["tenant"] for tenant in found.of("tenant.declared")] == ["ada"]
    assert found.of("card.replaced") == []


ORIGINS = """
[[region]]
region = "r1"
owner = "hz"
nodes = ["n*"]

[[cards]]
models = ["A*"]
design_country = "US"
fabrication_country = "TW"

[[cards]]
models = ["B"]
design_country = "CN"

[[cards]]
nodes = ["n?"]
serial = "{node}/{slot} no. {generation}"
vendor = "V"
"""


def test_describes_cards_as_of_the_sighting_that_brought_them(tmp_path: Path) -> None:
    found = planned(tmp_path, ORIGINS, "1,ada,n1,0-1,A,10", "2,ada,n1,0-1,A,20", "3,ada,n1,1,B,30")
    node = {"node": "n1", "region": "r1", "owner": "hz"}
    first = {"design_country": "US", "fabrication_country": "TW", "vendor": "V"}
    assert said(found)[1:] == [
        {
            **node,
            "effective_at": 10,
            "cards": [{**first, "slots": "0-1", "serials": ["n1/0 no. 1", "n1/1 no. 1"]}],
        },
        {
            **node,
            "effective_at": 30,
            "cards": [
                {"design_country": "CN", "vendor": "V", "slots": "1", "serials": ["n1/1 no. 2"]}
            ],
        },
    ]


def test_words_of_the_plan_follow_the_fact_that_they_add_to(tmp_path: Path) -> None:
    found = planned(tmp_path, ORIGINS, "1,ada,n1,0,A,10", "2,ada,n1,0,B,30")
    kinds = [
        (event["source"], event["type"].removeprefix("domicile.").removesuffix(".v1"))
        for event in found.events[:5]
    ]
    assert kinds == [
        ("plan", "region.declared"), ("test", "node.registered"), ("plan", "node.registered"),
        ("test", "card.replaced"), ("plan", "node.registered"),
    ]  # fmt: skip


def test_describes_nodes_without_inventory_from_its_own_date_on(tmp_path: Path) -> None:
    region = '[[region]]\nregion = "r1"\nnodes = ["m[1-2]", "w*"]\n'
    cards = (
        '[[cards]]\nnodes = ["m*"]\nslots = "0-3"\nmodel = "A"\n[[cards]]\nmodels = '
        '["A"]\nvendor = "V"\n'
    )
    found = planned(tmp_path, region + cards, "1,ada,w7,,,10", "2,ada,x1,,,10")
    groups = [{"model": "A", "vendor": "V", "slots": "0-3"}]
    assert said(found)[1:] == [
        {"node": "m1", "region": "r1", "cards": groups, "effective_at": 5},
        {"node": "m2", "region": "r1", "cards": groups, "effective_at": 5},
        {"node": "w7", "region": "r1", "effective_at": 5},
    ]


def test_entries_may_speak_of_some_slots_only(tmp_path: Path) -> None:
    plan = (
        '[[cards]]\nnodes = ["n1"]\nslots = "0"\nvendor = "V"\n[[cards]]\nnodes = '
        '["n1"]\nvendor = "W"\n'
    )
    (fact,) = said(planned(tmp_path, plan, "1,ada,n1,0-2,A,10"))
    assert fact["cards"] == [{"slots": "0", "vendor": "V"}, {"slots": "1-2", "vendor": "W"}]


def test_says_nothing_where_nothing_matches(tmp_path: Path) -> None:
    plan = '[[region]]\nregion = "r1"\nnodes = ["m1*"]\n[[cards]]\nmodels = ["A1"]\nvendor = "V"\n'
    assert [fact.get("node") for fact in said(planned(tmp_path, plan, "1,ada,n1,0-2,A,10"))] == [
        None
    ]
