"""Site plans: the shipped one is read, a faulty one is refused by name."""

from pathlib import Path

import pytest

from sovereignty.collect.errors import SitePlanError
from sovereignty.collect.site_plan import read_site_plan
from tests.sovereignty.collect.tracing import PACKS, write

PLAN = """
format = "domicile/site-plan/v1"
source = "plan"
effective_at = 2020-01-01T00:00:00Z
"""


def test_reads_the_shipped_plan() -> None:
    plan = read_site_plan(PACKS / "mlperf-site-plan.toml")
    assert plan.effective_ms == 1_514_764_800_000
    assert {entry.rule for entry in plan.expect} == {"PL-01", "PL-02", "PL-03", "TE-01", "OP-01"}
    assert plan.preferred["tenant", "SUPERMICRO"] == "Supermicro"


def test_names_the_nodes_of_its_hostlists_and_not_those_of_its_patterns(tmp_path: Path) -> None:
    text = (
        PLAN
        + '[[region]]\nregion = "r"\nnodes = ["a[1-2]", "b*"]\n[[cards]]\nnodes = ["a2,c", "d?"]\n'
    )
    assert read_site_plan(write(tmp_path, "plan.toml", text)).named_nodes() == ["a1", "a2", "c"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (PLAN.replace("plan/v1", "plan/v9"), "Invalid enum value 'domicile/site-plan/v9'"),
        (PLAN.replace("00Z", "00"), "want effective_at since 1970 with an offset"),
        (PLAN.replace("2020", "1960"), "want effective_at since 1970 with an offset"),
        (PLAN + '[[region]]\nregion = "r"\ncountry = "China"\n', "Expected `str` matching regex"),
        (PLAN + '[[region]]\nregion = "r"\ncontinent = "Asia"\n', "unknown field `continent`"),
        (
            PLAN + '[[region]]\nregion = "r"\nnodes = ["a[2-1]"]\n',
            "position 2: want a range that rises, got 2-1",
        ),
        (PLAN + '[[cards]]\nslots = "7-0"\n', "position 0: want a range that rises, got 7-0"),
        (
            PLAN + '[[cards]]\nserial = "{node.name}"\n',
            "want a serial of {node}, {slot} and {generation}, got '{node.name}'",
        ),
        (
            PLAN + '[[cards]]\nserial = "{rack}"\n',
            "want a serial of {node}, {slot} and {generation}, got '{rack}'",
        ),
        (PLAN + "[[tenant]]\ntenants = []\n", "Expected `array` of length >= 1"),
        (
            PLAN + '[spellings.tenant]\na = ["x"]\nb = ["x"]\n',
            "want each spelling once, got x again",
        ),
        (
            PLAN + '[[expect]]\nrule = "PL-01"\nverdict = "fine"\nreason = "r"\nwhy = "w"\n',
            "Invalid enum value 'fine'",
        ),
    ],
)
def test_refuses_a_faulty_plan(tmp_path: Path, text: str, reason: str) -> None:
    path = write(tmp_path, "plan.toml", text)
    with pytest.raises(SitePlanError) as caught:
        read_site_plan(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert reason in str(caught.value)
