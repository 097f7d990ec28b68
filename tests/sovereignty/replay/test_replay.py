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
from tests.sovereignty.small_site import (
    CHIP,
    HOSPITAL,
    NEIGHBOUR,
    PERIOD,
    access,
    corrected,
    event,
    home_policy,
    site,
    stated,
    take,
    touch,
)

pytestmark = pytest.mark.usefixtures("ledger")


def exported(tmp_path: Path) -> tuple[Exported, list[str]]:
    """Check, seal and export the hospital's trail; returns the bundle and the command line that
    replays it."""
    check(ask(home_policy(), period=PERIOD), actor="olga")
    seal(actor="olga")
    bundle = export(Tenant.objects.get(key=HOSPITAL).trail_id, actor="olga")
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
    take(
        *site(),
        touch("1", ["hz-1/0-3", "sg-1/0"]),
        touch("2", tenant=NEIGHBOUR),
        access("a1", "SG"),
    )
    code, (checked,) = outcome(capsys, exported(tmp_path)[1])
    assert (code, checked["equal"], checked["tenant"]) == (0, True, HOSPITAL)
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
    take(*site(), touch("1", ["hz-1/0-3", "sg-1/0"]))
    assert main(exported(tmp_path)[1]) == 0
    output = capsys.readouterr().out
    assert "  PL-01: non-compliant. Judged again: figures and findings are the same.\n" in output
    assert (
        "  TE-01: compliant, as the operator states. "
        "Not judged again: the rule needs other tenants' touches.\n" in output
    )
    assert output.endswith("REPLAYED: 1 check, 3 of 5 rules judged again, all the same.\n")


HISTORIES: dict[str, list[bytes]] = {
    "a corrected touch": [touch("1"), corrected("1", ["sg-1/0"])],
    "a retracted touch": [
        touch("1"),
        event("correction", "c-1", source="slurm", tenant=HOSPITAL, reason="never ran").replace(
            b'"tenant"', b'"source": "slurm", "id": "st-mary-1", "tenant"'
        ),
    ],
    "k of a node, and k of unknown nodes": [
        touch("1", parts=[{"k": 3, "of": ["hz-1"]}]),
        touch("2", parts=[{"k": 3, "of": None}]),
    ],
    "k of a node some of whose cards were retired, and a gate before them all": [
        stated("source.declared", "s-4", name="gate", reports=["access"]),
        event(
            "heartbeat",
            "h-4",
            source="gate",
            cards=["hz-1/0-7"],
            from_at=PERIOD[0],
            to_at=PERIOD[1],
        ),
        *(
            event(
                "card.retired",
                f"cr-{n}",
                node="hz-1",
                slot=str(n),
                effective_at=PERIOD[0],
                evidence="declared",
            )
            for n in range(4)
        ),
        touch("1", parts=[{"k": 5, "of": ["hz-1"]}]),
    ],
    "a start without an end": [
        event(
            "touch.started",
            "st-1",
            source="slurm",
            tenant=HOSPITAL,
            touch="1",
            workload="w",
            parts=[{"cards": ["hz-1/0,2,5"]}],
            started_at=PERIOD[0] + 1000,
            evidence="observed",
        )
    ],
    "an end before its start": [
        event(
            "touch.ended",
            "e-1",
            source="slurm",
            tenant=HOSPITAL,
            touch="1",
            ended_at=PERIOD[0] + 5000,
            evidence="observed",
        ),
        event(
            "touch.started",
            "st-1",
            source="slurm",
            tenant=HOSPITAL,
            touch="1",
            workload="w",
            parts=[{"cards": ["hz-1/0"]}],
            started_at=PERIOD[0] + 1000,
            evidence="observed",
        ),
    ],
    "a node that moved abroad meanwhile": [
        touch("1", start=1, end=5),
        event(
            "node.moved",
            "m-1",
            node="hz-1",
            region="sg-1",
            effective_at=PERIOD[0] + 3 * 3_600_000,
            evidence="declared",
        ),
    ],
    "a card that was replaced, one that was retired": [
        touch("1", start=1, end=5),
        event(
            "card.replaced",
            "cr-1",
            node="hz-1",
            slot="1",
            effective_at=PERIOD[0] + 7_200_000,
            evidence="declared",
        ),
        event(
            "card.retired",
            "cr-2",
            node="hz-1",
            slot="2",
            effective_at=PERIOD[0] + 7_200_000,
            evidence="declared",
        ),
    ],
    "cards named by serials": [
        stated(
            "node.registered",
            "n-3",
            node="hz-3",
            region="cn-1",
            cards=[{"slots": "0-1", "serials": ["A", "B"]}],
        ),
        touch("1", parts=[{"serials": ["B"]}]),
    ],
    "a gap in the access source's numbers": [
        stated("source.declared", "s-3", name="gate", reports=["access"], sequenced=True),
        event(
            "access.recorded",
            "x-1",
            source="gate",
            sequence=3,
            tenant=HOSPITAL,
            access="x-1",
            person="li",
            started_at=PERIOD[0] + 1000,
            evidence="observed",
        ),
        touch("1"),
    ],
    "a gap in the numbers of a source that only a plan calls sequenced": [
        stated("source.declared", "s-3", name="gate", reports=["access"]),
        event(
            "source.declared",
            "s-4",
            name="gate",
            reports=["access"],
            sequenced=True,
            effective_at=0,
            evidence="planned",
        ),
        event("heartbeat", "h-4", source="gate", from_at=PERIOD[0], to_at=PERIOD[1]),
        event(
            "access.recorded",
            "x-1",
            source="gate",
            sequence=3,
            tenant=HOSPITAL,
            access="x-1",
            person="li",
            started_at=PERIOD[0] + 1000,
            evidence="observed",
        ),
        touch("1"),
    ],
    "a number that the access source gave twice": [
        stated("source.declared", "s-3", name="gate", reports=["access"], sequenced=True),
        *(
            event(
                "access.recorded",
                f"x-{index}",
                source="gate",
                sequence=number,
                tenant=HOSPITAL,
                access=f"x-{index}",
                person="li",
                started_at=PERIOD[0] + 1000,
                evidence="observed",
            )
            for index, number in enumerate([1, 2, 1])
        ),
        touch("1"),
    ],
    "a source that numbers and never declared itself": [touch("1", sequence=2)],
    "a correction under the number of its original": [
        stated("source.declared", "s-3", name="slurm", reports=["touch", "access"], sequenced=True),
        touch("1", sequence=1),
        corrected("1", ["sg-1/0"], sequence=1),
    ],
    "a gate before some of the cards, silent for a while": [
        stated("source.declared", "s-4", name="gate", reports=["access"], cards=["hz-1/0-1"]),
        event(
            "heartbeat",
            "h-4",
            source="gate",
            cards=["hz-1/0"],
            from_at=PERIOD[0],
            to_at=PERIOD[1] - 3_600_000,
        ),
        touch("1", ["hz-1/0"], start=1, end=3),
        touch("2", ["hz-1/1-2"], start=5, end=6),
        touch("3", ["never-seen/0"], start=7, end=8),
    ],
    "touches before the period, and a gate that was silent elsewhere": [
        stated("source.declared", "s-4", name="gate", reports=["access"], cards=["sg-1/0"]),
        touch("1", ["hz-1/0"], start=-5, end=-4),
        touch("2", ["hz-1/0"], start=5, end=6),
    ],
    "a gate that was silent, and a neighbour's source that never declared itself": [
        stated("source.declared", "s-4", name="gate", reports=["access"], cards=["hz-1/0-1"]),
        event("heartbeat", "h-4", source="gate", from_at=PERIOD[0], to_at=PERIOD[0] + 3_600_000),
        touch("1", ["hz-1/0"], start=1, end=3),
        touch("2", ["hz-1/0"], tenant=NEIGHBOUR, start=4, end=5).replace(
            b'"source": "slurm"', b'"source": "hers", "sequence": 2'
        ),
    ],
    "an access to a tenant without touches": [
        stated("source.declared", "s-4", name="gate", reports=["access"], cards=["sg-1/0"]),
        access("a1"),
    ],
    "a gap in the fleet's numbers, and a number given twice in a neighbour's trail": [
        stated(
            "node.registered", "n-4", node="hz-4", region="cn-1", cards=[{"slots": "0", **CHIP}]
        ).replace(b'"source": "cmdb"', b'"source": "hers", "sequence": 2'),
        *(
            touch(name, ["sg-1/0"], tenant=NEIGHBOUR, sequence=1).replace(
                b'"source": "slurm"', b'"source": "hers"'
            )
            for name in ("2", "3")
        ),
        touch("1"),
    ],
    "a source that reported late, accesses and other cards, in a neighbour's trail alone": [
        stated(
            "source.declared",
            "s-4",
            name="hers",
            reports=["touch"],
            cards=["hz-1/0"],
            sequenced=True,
            reach_ms=0,
        ),
        stated("source.declared", "s-5", name="gate", reports=["access"], cards=["hz-1/0-2"]),
        event("heartbeat", "h-5", source="hers", from_at=PERIOD[0], to_at=PERIOD[1]),
        touch("2", ["sg-1/0"], tenant=NEIGHBOUR, start=-9, end=-8, sequence=1).replace(
            b'"source": "slurm"', b'"source": "hers"'
        ),
        access("a1", tenant=NEIGHBOUR).replace(
            b'"source": "bastion"', b'"source": "hers", "sequence": 2'
        ),
        event("sequence.reported", "q-1", source="hers", tenant=HOSPITAL, highest=2),
        event("sequence.reported", "q-2", source="hers", highest=2),
        touch("1", ["hz-1/0"], sequence=2).replace(b'"source": "slurm"', b'"source": "hers"'),
    ],
    "a session that was opened before": [
        touch("1"),
        event(
            "access.recorded",
            "x-1",
            source="bastion",
            tenant=HOSPITAL,
            access="x-1",
            person="li",
            started_at=PERIOD[0] - 5,
            ended_at=PERIOD[0] + 5,
            evidence="observed",
        ),
    ],
    "nothing but declarations": [],
}


@pytest.mark.parametrize("name", HISTORIES)
def test_replays(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    take(*site())
    for line in HISTORIES[name]:
        take(line)
    code, (checked,) = outcome(capsys, exported(tmp_path)[1])
    assert (code, [rule["differences"] for rule in checked["rules"]]) == (0, [[]] * 5)


def test_names_the_sources_of_accesses_that_were_not_whole(tmp_path: Path) -> None:
    """As a replay of the slice names them. A neighbour's own source is not among them."""
    take(
        *site(),
        *HISTORIES["a gate that was silent, and a neighbour's source that never declared itself"],
    )
    exported(tmp_path)
    assert Finding.objects.get(tenant__key=HOSPITAL, reason="access_not_covered").block[
        "detail"
    ] == {"sources": "gate"}


@pytest.mark.parametrize("k", [8, 9])
def test_a_slot_that_a_neighbour_alone_names_changes_no_access_verdict(
    k: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bundle does not hold the neighbour's touch. Eight cards of hz-1 are behind the gate; a
    ninth would not be."""
    take(
        *[line for line in site() if b"bastion" not in line],
        stated("source.declared", "s-4", name="gate", reports=["access"], cards=["hz-1/0-7"]),
        event("heartbeat", "h-4", source="gate", from_at=PERIOD[0], to_at=PERIOD[1]),
        touch("1", parts=[{"k": k, "of": ["hz-1"]}]),
        touch("2", ["hz-1/99"], tenant=NEIGHBOUR),
    )
    _, (checked,) = outcome(capsys, exported(tmp_path)[1])
    assert [rule["differences"] for rule in checked["rules"] if rule["rule"] == "OP-01"] == [[]]
    totals = CheckTotal.objects.filter(tenant__key=HOSPITAL, rule="OP-01").values_list(
        "verdict", "amount"
    )
    assert list(totals) == ([] if k == 8 else [("unverifiable", 1)])


def test_a_verdict_that_the_facts_do_not_give_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take(*site(), touch("1", ["sg-1/0"]))
    question = ask(home_policy(), period=PERIOD)
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
    take(*site(), touch("1", ["hz-1/0-3", "sg-1/0"]))
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
    take(*site(), touch("1"))
    bundle, command = exported(tmp_path)
    content = bytearray(bundle.path.read_bytes())
    content[len(content) // 2] ^= 1
    bundle.path.write_bytes(bytes(content))
    assert main(command) == 1
    assert "replayed" not in capsys.readouterr().out


def test_a_bundle_without_a_check_has_nothing_to_replay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take(*site())
    seal(actor="olga")
    bundle = export(Tenant.objects.get(key=HOSPITAL).trail_id, actor="olga")
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
