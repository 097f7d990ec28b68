"""`manage.py check_policy`: a question on the command line, its answer in words, and the exit code
that says the verdict."""

import io

import pytest
from django.core.management import CommandError, call_command

from sovereignty.models import Check
from tests import builders as b
from tests.installation import Installation
from tests.sovereignty import small_site as site

pytestmark = pytest.mark.usefixtures("ledger")
MORNING = ("--from", "2026-01-02T00:00:00Z", "--to", "2026-01-02T10:00:00Z")


def answer(*arguments: str) -> tuple[int, str]:
    """The exit code and what was written on standard output."""
    out = io.StringIO()
    try:
        call_command("check_policy", *arguments, stdout=out)
    except SystemExit as ended:
        assert isinstance(ended.code, int)
        return ended.code, out.getvalue()
    return 0, out.getvalue()


@pytest.mark.parametrize(("cards", "code"), [("hz-1/0", 0), ("sg-1/0", 1), ("never-seen/0", 3)])
def test_the_exit_code_says_the_verdict(cards: str, code: int) -> None:
    b.accept_all(*site.facts(), b.touch("1", [cards]), b.access("a1"))
    site.home_policy()
    received, told = answer("home", *MORNING)
    assert received == code
    assert f"{b.HOSPITAL}: " in told


def test_counts_one_thing_as_one() -> None:
    b.accept_all(*site.facts(), b.touch("1", ["sg-1/0"]), b.access("a1"))
    site.home_policy()
    told = answer("home", *MORNING)[1]
    assert f"{b.HOSPITAL}: non_compliant (1 touch, 1.00 card-hours)" in told
    assert f"{b.NEIGHBOUR}: not_applicable (0 touches, 0.00 card-hours)" in told
    assert "compliant 1 access; 0 findings" in told
    assert "non_compliant 1.00 card-hours; 1 finding\n" in told


def test_a_time_that_was_not_covered_is_a_gap_and_no_access() -> None:
    b.accept_all(
        *site.facts(),
        b.touch("1", end=b.hour(9)),
        b.access("unknown", office_country=None),
    )
    site.home_policy()
    told = answer("home", "--from", "2026-01-02T00:00:00Z", "--to", "2026-01-09T00:00:00Z")[1]
    assert "unverifiable 1 access and 1 gap; 2 findings" in told
    assert told.endswith(
        "A gap is a time for which access reports on the tenant are incomplete: "
        "an access may be missing.\n"
    )
    assert "gap" not in answer("home", *MORNING)[1]


def test_a_gap_names_the_sources_whose_word_is_lacking() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    site.home_policy()
    told = answer("home", "--to", "2026-01-09T00:00:00Z")[1]
    assert "; 1 finding\n         gaps: access reports from bastion are incomplete\n" in told
    assert "no source reports accesses" not in told


def test_a_gap_where_no_source_watches_says_so() -> None:
    b.accept_all(*site.facts(without="bastion"), b.touch("1"))
    site.home_policy()
    told = answer("home", *MORNING)[1]
    assert "         gaps: no source reports accesses to some cards\n" in told
    assert "came from" not in told


def test_a_gap_alone_is_no_access() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    site.home_policy()
    assert (
        "  OP-01  unverifiable    unverifiable 1 gap; 1 finding"
        in answer("home", "--to", "2026-01-09T00:00:00Z")[1]
    )


def refusal(*arguments: str) -> tuple[int, str]:
    with pytest.raises(CommandError) as caught:
        call_command("check_policy", *arguments)
    return caught.value.returncode, str(caught.value)


def test_lists_what_is_published() -> None:
    assert answer("--list")[1].startswith(
        "none is published: `python manage.py publish_policy --list` names the policies that come"
    )
    site.home_policy()
    site.home_policy(version="1.1.0")
    code, told = answer("--list")
    assert code == 0
    assert [line.split()[0] for line in told.splitlines()] == ["POLICY", "home@1.0.0", "home@1.1.0"]


def test_takes_the_newest_version_or_the_one_that_is_named() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    site.home_policy()
    site.home_policy(version="1.1.0", rules=[{"id": "TE-01", "parameters": {}}])
    assert answer("home", *MORNING)[1].startswith("home 1.1.0 as of position 1: compliant")
    assert answer("home@1.0.0", *MORNING)[1].startswith("home 1.0.0 as of position 1: ")


def test_an_unknown_policy_is_quoted_with_those_that_are_published() -> None:
    site.home_policy()
    assert refusal("away") == (2, "POLICY: want one that is published (home@1.0.0), got 'away'")
    assert refusal("home@2.0.0") == (
        2,
        "POLICY: want one that is published (home@1.0.0), got 'home@2.0.0'",
    )
    assert refusal() == (2, "POLICY: want one that is published (home@1.0.0), got nothing")


def test_an_unknown_tenant_is_quoted_with_those_that_exist() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    site.home_policy()
    assert refusal("home", "--tenant", "St Mary") == (
        2,
        "tenants: want tenants known at position 1 (qinghe, st-mary), got 'St Mary'",
    )


def test_a_period_that_cannot_be_is_refused_in_times() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    site.home_policy()
    assert refusal("home", "--from", "2026-03-01", "--to", "2026-02-01T08:00:00+08:00") == (
        2,
        (
            "period: want a start before its end, got one from 2026-03-01T00:00:00Z to "
            "2026-02-01T00:00:00Z"
        ),
    )
    code, said = refusal("home", "--to", "9999-12-31")
    assert (
        code,
        said.startswith("to: want at most 20"),
        said.endswith("got 9999-12-31T00:00:00Z"),
    ) == (2, True, True)
    assert (
        refusal("home", "--from", "0001-01-01")[1]
        == "from: want 1970-01-01T00:00:00Z or later, got 0001-01-01T00:00:00Z"
    )
    assert (
        refusal("home", "--from", "March")[1]
        == "--from: want a time such as 2026-10-01 or 2026-10-01T08:00:00Z, got 'March'"
    )


def test_a_time_is_read_to_the_millisecond() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    site.home_policy(rules=[{"id": "TE-01", "parameters": {}}])
    assert (
        answer("home", "--from", "2026-01-02T00:00:00.007Z", "--to", "2026-01-02T10:00:00Z")[0] == 0
    )
    assert Check.objects.get().period_from == site.PERIOD[0] + 7


def test_a_tenant_of_which_nothing_is_known_to_judge_says_so() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    site.home_policy()
    code, said = refusal("home", "--tenant", b.NEIGHBOUR)
    assert (code, said) == (
        2,
        "from: want a time, since position 1 knows of no touch of qinghe and no access, got none",
    )


def test_usage_is_exit_2(installation: Installation) -> None:
    assert installation.manage("check_policy", "home", "--position", "one").returncode == 2
    assert installation.manage("check_policy").returncode == 2
    helped = installation.manage("check_policy", "--help")
    assert helped.returncode == 0
    assert "exit code:\n  0  no breach" in helped.stdout
