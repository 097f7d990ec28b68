"""A bundle's facts judged again: the same figures, and each lie of the operator is named."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.core.management import call_command

from audit.exporting.export import Exported, export
from audit.log.keys import trust_text
from audit.seal import seal
from audit.tlog import canonical
from sovereignty.checking.check import check, evaluate_question, write
from sovereignty.checking.question import ask
from sovereignty.models import CheckTotal, Finding, Tenant
from sovereignty.policy import registry
from sovereignty.policy.rule import Rule
from sovereignty.replay.command_line import main
from tests import builders as b
from tests.sovereignty import small_site as site

pytestmark = pytest.mark.usefixtures("ledger")


def exported(tmp_path: Path) -> tuple[Exported, list[str]]:
    """Check, seal and export the hospital's trail; returns the bundle and the command line that
    replays it."""
    check(ask(site.home_policy(), period=site.PERIOD), actor="olga")
    seal(actor="olga")
    bundle = export(Tenant.objects.get(key=b.HOSPITAL).trail_id, actor="olga")
    (tmp_path / "trust.txt").write_text(trust_text())
    return bundle, [str(bundle.path), "--trust", str(tmp_path / "trust.txt"), "--pin", bundle.pin]


def outcome(
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    rules: Mapping[str, Rule] = registry.RULES,
) -> tuple[int, list[dict[str, Any]]]:
    code = main([*command, "--json"], rules)
    return code, msgspec.json.decode(capsys.readouterr().out)


def test_replays_card_and_access_rules_and_leaves_plane_rules_to_the_operator(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    b.accept_all(
        *site.facts(),
        b.touch("1", ["hz-1/0-3", "sg-1/0"]),
        b.touch("2", tenant=b.NEIGHBOUR),
        b.access("a1", office_country="SG"),
    )
    code, (checked,) = outcome(capsys, exported(tmp_path)[1])
    assert (code, checked["equal"], checked["tenant"]) == (0, True, b.HOSPITAL)
    assert {rule["rule"]: rule["replayed"] for rule in checked["rules"]} == {
        "OP-01": True,
        "PL-01": True,
        "PL-02": True,
        "PL-03": False,
        "TE-01": False,
    }


def test_says_each_verdict_and_closes_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    b.accept_all(*site.facts(), b.touch("1", ["hz-1/0-3", "sg-1/0"]))
    assert main(exported(tmp_path)[1]) == 0
    output = capsys.readouterr().out
    assert "  PL-01: non-compliant. Judged again: figures and findings are the same.\n" in output
    assert (
        "  TE-01: compliant, as the operator states. "
        "Not judged again: the rule needs other tenants' touches.\n" in output
    )
    assert output.endswith("REPLAYED: 1 check, 3 of 5 rules judged again, all the same.\n")


TOUCH = b.touch("1", id="t-1", sequence=1)
ABROAD = b.touch("1", ["sg-1/0"])
HISTORIES: dict[str, list[b.Event]] = {
    "a corrected touch": [b.touch("1", id="t-1"), b.correction(TOUCH, replacement=ABROAD)],
    "a retracted touch": [
        b.touch("1", id="t-1"),
        b.correction(TOUCH),
    ],
    "k of a node, and k of unknown nodes": [
        b.touch("1", parts=[{"k": 3, "of": ["hz-1"]}]),
        b.touch("2", parts=[{"k": 3, "of": None}]),
    ],
    "k of a node some of whose cards were retired, and a gate before them all": [
        b.stated("source.declared", id="s-4", name="gate", reports=["access"]),
        b.event(
            "heartbeat",
            id="h-4",
            source="gate",
            cards=["hz-1/0-7"],
            from_at=site.PERIOD[0],
            to_at=site.PERIOD[1],
        ),
        *(
            b.stated("card.retired", id=f"cr-{n}", node="hz-1", slot=str(n), effective_at=b.START)
            for n in range(4)
        ),
        b.touch("1", parts=[{"k": 5, "of": ["hz-1"]}]),
    ],
    "a start without an end": [
        b.event(
            "touch.started",
            id="st-1",
            source="slurm",
            tenant=b.HOSPITAL,
            touch="1",
            workload="w",
            parts=[{"cards": ["hz-1/0,2,5"]}],
            started_at=site.PERIOD[0] + 1000,
            evidence="observed",
        )
    ],
    "an end before its start": [
        b.event(
            "touch.ended",
            id="e-1",
            source="slurm",
            tenant=b.HOSPITAL,
            touch="1",
            ended_at=site.PERIOD[0] + 5000,
            evidence="observed",
        ),
        b.event(
            "touch.started",
            id="st-1",
            source="slurm",
            tenant=b.HOSPITAL,
            touch="1",
            workload="w",
            parts=[{"cards": ["hz-1/0"]}],
            started_at=site.PERIOD[0] + 1000,
            evidence="observed",
        ),
    ],
    "a node that moved abroad meanwhile": [
        b.touch("1", start=b.hour(1), end=b.hour(5)),
        b.event(
            "node.moved",
            id="m-1",
            node="hz-1",
            region="sg-1",
            effective_at=site.PERIOD[0] + 3 * 3_600_000,
            evidence="declared",
        ),
    ],
    "a card that was replaced, one that was retired": [
        b.touch("1", start=b.hour(1), end=b.hour(5)),
        b.event(
            "card.replaced",
            id="cr-1",
            node="hz-1",
            slot="1",
            effective_at=site.PERIOD[0] + 7_200_000,
            evidence="declared",
        ),
        b.event(
            "card.retired",
            id="cr-2",
            node="hz-1",
            slot="2",
            effective_at=site.PERIOD[0] + 7_200_000,
            evidence="declared",
        ),
    ],
    "cards named by serials": [
        b.stated(
            "node.registered",
            id="n-3",
            node="hz-3",
            region="cn-1",
            cards=[{"slots": "0-1", "serials": ["A", "B"]}],
        ),
        b.touch("1", parts=[{"serials": ["B"]}]),
    ],
    "a gap in the access source's numbers": [
        b.stated("source.declared", id="s-3", name="gate", reports=["access"], sequenced=True),
        b.event(
            "access.recorded",
            id="x-1",
            source="gate",
            sequence=3,
            tenant=b.HOSPITAL,
            access="x-1",
            person="li",
            started_at=site.PERIOD[0] + 1000,
            evidence="observed",
        ),
        b.touch("1"),
    ],
    "a gap in the numbers of a source that only a plan calls sequenced": [
        b.stated("source.declared", id="s-3", name="gate", reports=["access"]),
        b.event(
            "source.declared",
            id="s-4",
            name="gate",
            reports=["access"],
            sequenced=True,
            effective_at=0,
            evidence="planned",
        ),
        b.event("heartbeat", id="h-4", source="gate", from_at=site.PERIOD[0], to_at=site.PERIOD[1]),
        b.event(
            "access.recorded",
            id="x-1",
            source="gate",
            sequence=3,
            tenant=b.HOSPITAL,
            access="x-1",
            person="li",
            started_at=site.PERIOD[0] + 1000,
            evidence="observed",
        ),
        b.touch("1"),
    ],
    "a number that the access source gave twice": [
        b.stated("source.declared", id="s-3", name="gate", reports=["access"], sequenced=True),
        *(
            b.event(
                "access.recorded",
                id=f"x-{index}",
                source="gate",
                sequence=number,
                tenant=b.HOSPITAL,
                access=f"x-{index}",
                person="li",
                started_at=site.PERIOD[0] + 1000,
                evidence="observed",
            )
            for index, number in enumerate([1, 2, 1])
        ),
        b.touch("1"),
    ],
    "a source that numbers and never declared itself": [b.touch("1", sequence=2)],
    "a correction under the number of its original": [
        b.stated(
            "source.declared", id="s-3", name="slurm", reports=["touch", "access"], sequenced=True
        ),
        TOUCH,
        b.correction(TOUCH, replacement=ABROAD, sequence=1),
    ],
    "a gate before some of the cards, silent for a while": [
        b.stated("source.declared", id="s-4", name="gate", reports=["access"], cards=["hz-1/0-1"]),
        b.event(
            "heartbeat",
            id="h-4",
            source="gate",
            cards=["hz-1/0"],
            from_at=site.PERIOD[0],
            to_at=site.PERIOD[1] - 3_600_000,
        ),
        b.touch("1", ["hz-1/0"], start=b.hour(1), end=b.hour(3)),
        b.touch("2", ["hz-1/1-2"], start=b.hour(5), end=b.hour(6)),
        b.touch("3", ["never-seen/0"], start=b.hour(7), end=b.hour(8)),
    ],
    "touches before the period, and a gate that was silent elsewhere": [
        b.stated("source.declared", id="s-4", name="gate", reports=["access"], cards=["sg-1/0"]),
        b.touch("1", ["hz-1/0"], start=b.hour(-5), end=b.hour(-4)),
        b.touch("2", ["hz-1/0"], start=b.hour(5), end=b.hour(6)),
    ],
    "a gate that was silent, and a neighbour's source that never declared itself": [
        b.stated("source.declared", id="s-4", name="gate", reports=["access"], cards=["hz-1/0-1"]),
        b.event(
            "heartbeat",
            id="h-4",
            source="gate",
            from_at=site.PERIOD[0],
            to_at=site.PERIOD[0] + 3_600_000,
        ),
        b.touch("1", ["hz-1/0"], start=b.hour(1), end=b.hour(3)),
        b.touch(
            "2",
            ["hz-1/0"],
            tenant=b.NEIGHBOUR,
            start=b.hour(4),
            end=b.hour(5),
            source="hers",
            sequence=2,
        ),
    ],
    "an access to a tenant without touches": [
        b.stated("source.declared", id="s-4", name="gate", reports=["access"], cards=["sg-1/0"]),
        b.access("a1"),
    ],
    "a gap in the fleet's numbers, and a number given twice in a neighbour's trail": [
        b.stated(
            "node.registered",
            id="n-4",
            node="hz-4",
            region="cn-1",
            cards=[{"slots": "0", **site.CHIP}],
            source="hers",
            sequence=2,
        ),
        *(
            b.touch(name, ["sg-1/0"], tenant=b.NEIGHBOUR, sequence=1, source="hers")
            for name in ("2", "3")
        ),
        b.touch("1"),
    ],
    "a source that reported late, accesses and other cards, in a neighbour's trail alone": [
        b.stated(
            "source.declared",
            id="s-4",
            name="hers",
            reports=["touch"],
            cards=["hz-1/0"],
            sequenced=True,
            reach_ms=0,
        ),
        b.stated("source.declared", id="s-5", name="gate", reports=["access"], cards=["hz-1/0-2"]),
        b.event("heartbeat", id="h-5", source="hers", from_at=site.PERIOD[0], to_at=site.PERIOD[1]),
        b.touch(
            "2",
            ["sg-1/0"],
            tenant=b.NEIGHBOUR,
            start=b.hour(-9),
            end=b.hour(-8),
            sequence=1,
            source="hers",
        ),
        b.access("a1", tenant=b.NEIGHBOUR, source="hers", sequence=2),
        b.event("sequence.reported", id="q-1", source="hers", tenant=b.HOSPITAL, highest=2),
        b.event("sequence.reported", id="q-2", source="hers", highest=2),
        b.touch("1", ["hz-1/0"], sequence=2, source="hers"),
    ],
    "a session that was opened before": [
        b.touch("1"),
        b.event(
            "access.recorded",
            id="x-1",
            source="bastion",
            tenant=b.HOSPITAL,
            access="x-1",
            person="li",
            started_at=site.PERIOD[0] - 5,
            ended_at=site.PERIOD[0] + 5,
            evidence="observed",
        ),
    ],
    "nothing but declarations": [],
}


@pytest.mark.parametrize("name", HISTORIES)
def test_replays(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    b.accept_all(*site.facts())
    for line in HISTORIES[name]:
        b.accept_all(line)
    code, (checked,) = outcome(capsys, exported(tmp_path)[1])
    assert (code, [rule["differences"] for rule in checked["rules"]]) == (0, [[]] * 5)


def test_names_the_sources_of_accesses_that_were_not_whole(tmp_path: Path) -> None:
    """As a replay of the slice names them; a neighbour's own source is none of them."""
    b.accept_all(
        *site.facts(),
        *HISTORIES["a gate that was silent, and a neighbour's source that never declared itself"],
    )
    exported(tmp_path)
    assert Finding.objects.get(tenant__key=b.HOSPITAL, reason="access_not_covered").block[
        "detail"
    ] == {"sources": "gate"}


@pytest.mark.parametrize("k", [8, 9])
def test_a_slot_that_a_neighbour_alone_names_changes_no_access_verdict(
    k: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bundle does not hold the neighbour's touch; eight cards of hz-1 are gated, a ninth would
    not be."""
    b.accept_all(
        *site.facts(without="bastion"),
        b.stated("source.declared", id="s-4", name="gate", reports=["access"], cards=["hz-1/0-7"]),
        b.event("heartbeat", id="h-4", source="gate", from_at=site.PERIOD[0], to_at=site.PERIOD[1]),
        b.touch("1", parts=[{"k": k, "of": ["hz-1"]}]),
        b.touch("2", ["hz-1/99"], tenant=b.NEIGHBOUR),
    )
    _, (checked,) = outcome(capsys, exported(tmp_path)[1])
    assert [rule["differences"] for rule in checked["rules"] if rule["rule"] == "OP-01"] == [[]]
    totals = CheckTotal.objects.filter(tenant__key=b.HOSPITAL, rule="OP-01").values_list(
        "verdict", "amount"
    )
    assert list(totals) == ([] if k == 8 else [("unverifiable", 1)])


def test_a_verdict_that_the_facts_do_not_give_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    b.accept_all(*site.facts(), b.touch("1", ["sg-1/0"]))
    question = ask(site.home_policy(), period=site.PERIOD)
    honest = canonical.encode(evaluate_question(question))
    lie: Any = canonical.decode(honest.replace(b'"non_compliant"', b'"compliant"'))
    write(question, lie, actor="a lying operator")
    _, command = exported(tmp_path)
    assert main(command) == 1
    output = capsys.readouterr().out
    assert (
        "  PL-01: DIFFERENT. PL-01 verdict: "
        "the slice says compliant, the replay says non_compliant.\n" in output
    )
    assert output.endswith("DIFFERENT: 1 check, 3 of 5 rules judged again, 1 not the same.\n")


# The rules of a newer replay: it has another version of PL-01 than the check was made by.
NEWER = {**registry.RULES, "PL-01": replace(registry.RULES["PL-01"], version="9.0.0")}


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """A command line that replays one check."""
    b.accept_all(*site.facts(), b.touch("1", ["hz-1/0-3", "sg-1/0"]))
    return exported(tmp_path)[1]


def test_a_rule_of_another_version_is_not_judged_again_and_the_others_are(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, (checked,) = outcome(capsys, command, NEWER)
    assert (code, checked["equal"], checked["whole"]) == (3, True, False)
    rules = {rule["rule"]: rule for rule in checked["rules"]}
    assert [name for name, rule in rules.items() if rule["replayed"]] == ["OP-01", "PL-02"]
    assert (rules["PL-01"]["version"], rules["PL-01"]["ours"]) == (
        registry.RULES["PL-01"].version,
        "9.0.0",
    )


def test_says_which_version_it_has(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command, NEWER) == 3
    output = capsys.readouterr().out
    assert (
        f"  PL-01: non-compliant, by version {registry.RULES['PL-01'].version} of the rule. "
        "Not judged again: this replay has version 9.0.0.\n" in output
    )
    assert output.endswith(
        "NOT WHOLLY REPLAYED: 1 check, 2 of 5 rules judged again, all the same. "
        "1 of another version: replay them with a release that has that version.\n"
    )


def test_a_rule_that_is_not_known_any_more_is_not_judged_again(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    rules = {name: rule for name, rule in registry.RULES.items() if name != "PL-02"}
    assert main(command, rules) == 3
    assert (
        f"PL-02: compliant, by version {registry.RULES['PL-02'].version} of the rule. "
        "Not judged again: this replay has no such rule.\n" in capsys.readouterr().out
    )


def test_a_bundle_that_does_not_verify_is_not_replayed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    bundle, command = exported(tmp_path)
    content = bytearray(bundle.path.read_bytes())
    content[len(content) // 2] ^= 1
    bundle.path.write_bytes(bytes(content))
    assert main(command) == 1
    assert "replayed" not in capsys.readouterr().out


def test_a_bundle_without_a_check_has_nothing_to_replay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    b.accept_all(*site.facts())
    seal(actor="olga")
    bundle = export(Tenant.objects.get(key=b.HOSPITAL).trail_id, actor="olga")
    call_command("show_trust")
    (tmp_path / "trust.txt").write_text(trust_text())
    options = ["--trust", str(tmp_path / "trust.txt"), "--pin", bundle.pin]
    assert main([str(bundle.path), *options]) == 3
    assert "holds no check" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("trust", "message"),
    [
        (None, "the trust file {}/trust.txt cannot be read: No such file or directory"),
        (b"log nonsense\n", "trust file {}/trust.txt: "),
    ],
)
def test_a_malformed_trust_file_is_named(
    trust: bytes | None, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if trust is not None:
        (tmp_path / "trust.txt").write_bytes(trust)
    assert (
        main(
            [
                str(tmp_path / "any.zip"),
                "--trust",
                str(tmp_path / "trust.txt"),
                "--pin",
                f"2:{'0' * 64}",
            ]
        )
        == 2
    )
    assert capsys.readouterr().err.startswith("sovereignty.replay: " + message.format(tmp_path))


def test_a_missing_bundle_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "trust.txt").write_text(trust_text())
    path = tmp_path / "none.zip"
    assert main([str(path), "--trust", str(tmp_path / "trust.txt"), "--pin", f"2:{'0' * 64}"]) == 2
    assert (
        capsys.readouterr().err
        == f"sovereignty.replay: the bundle {path} cannot be read: No such file or directory\n"
    )
