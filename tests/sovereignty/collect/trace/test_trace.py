"""The import as a whole: batches, refusals of the record step, second imports, numbering, and the
account."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sovereignty.collect.trace import trace
from sovereignty.collect.trace.account import Account, lines, write_refused
from sovereignty.collect.trace.dry_run import DryAnswers, DryRefusal, DryRun
from sovereignty.collect.trace.mapping import read_mapping
from sovereignty.collect.trace.rows import TableAccount
from sovereignty.collect.trace.tables import Refused
from sovereignty.collect.trace.trace import import_trace
from tests.sovereignty.collect.tracing import ONE_TABLE, imported, write

HEADER = "job,node,slots,start,end\n"


@dataclass(slots=True)
class Recording:
    """A record step that remembers its batches, and refuses the ids that it is told to."""

    refusing: frozenset[str] = frozenset()
    batches: list[list[bytes]] = field(default_factory=list)
    said: set[tuple[str, str]] = field(default_factory=set)

    def __call__(self, lines: Iterable[bytes], *, actor: str, channel: str) -> DryAnswers:
        self.said.add((actor, channel))
        self.batches.append(list(lines))
        refused = [
            name
            for name in sorted(self.refusing)
            if any(f'"id":"{name}"'.encode() in line for line in self.batches[-1])
        ]
        refusals = [DryRefusal(name, "data.tenant", "a known tenant", "'ada'") for name in refused]
        return DryAnswers(accepted=len(self.batches[-1]) - len(refusals), refusals=refusals)


def run(folder: Path, record: Recording | DryRun, rows: str) -> Account:
    mapping = read_mapping(write(folder, "mapping.toml", ONE_TABLE))
    return import_trace(
        mapping, [write(folder, "a.csv", HEADER + rows)], record=record, actor="enzo"
    )


def test_hands_facts_to_the_record_step_a_batch_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trace, "BATCH", 2)
    record = Recording()
    account = run(tmp_path, record, "".join(f"{job},n1,{job},10,20\n" for job in range(5)))
    assert [len(batch) for batch in record.batches] == [2, 2, 1]
    assert record.said == {("enzo", "import_trace")}
    assert (account.made, account.accepted) == ({"touch.recorded/v1": 5}, 5)


def test_a_refused_fact_refuses_its_row(tmp_path: Path) -> None:
    account = run(
        tmp_path, Recording(frozenset({"touch.recorded/ada/2"})), "1,n1,0,10,20\n2,n1,0,30,40\n"
    )
    assert account.refused_facts == [
        "touch.recorded/ada/2: data.tenant: want a known tenant, got 'ada'"
    ]
    assert [(row.line, row.reason) for row in account.refused_rows] == [
        (3, "data.tenant: want a known tenant, got 'ada'")
    ]
    assert account.tables["jobs"].used == 1


def test_a_second_import_gives_duplicates_and_nothing_else(tmp_path: Path) -> None:
    record = DryRun()
    first = run(tmp_path, record, "1,n1,0,10,20\n2,n1,0,30,40\n")
    second = run(tmp_path, record, "1,n1,0,10,20\n2,n1,0,30,40\n")
    assert (first.accepted, first.duplicates) == (2, 0)
    assert (second.accepted, second.duplicates, second.tables["jobs"].used) == (0, 2, 2)


def test_other_content_under_the_same_touch_is_a_conflict(tmp_path: Path) -> None:
    record = DryRun()
    run(tmp_path, record, "1,n1,0,10,20\n")
    account = run(tmp_path, record, "1,n1,0,10,21\n")
    assert account.refused_facts == [
        "touch.recorded/ada/1: id: want the same content under the same id, got other content"
    ]


def test_a_sequenced_trace_numbers_its_facts_in_the_order_of_time(tmp_path: Path) -> None:
    mapping = ONE_TABLE.replace('source = "test"', 'source = "test"\nsequenced = true')
    found = imported(tmp_path, mapping, {"a.csv": HEADER + "1,n1,0,30,40\n2,n1,0,10,20\n"})
    assert [event.get("sequence") for event in found.events] == [2, 1, None]
    assert found.of("sequence.reported") == [{"tenant": "ada", "highest": 2}]
    assert found.account.made == {"touch.recorded/v1": 2, "sequence.reported/v1": 1}


def test_an_empty_trace_is_an_import_of_nothing(tmp_path: Path) -> None:
    account = run(tmp_path, Recording(), "")
    assert (account.rows_read, account.made) == (0, {})


def test_the_account_prints_sums_that_add_up(tmp_path: Path) -> None:
    account = run(tmp_path, DryRun(), "1,n1,0,10,20\n2,n1,0,soon,40\n3,n1\n")
    text = list(lines(account, dry_run=False))
    assert text[0] == "jobs: 3 rows read = 1 used + 0 set aside + 2 refused"
    assert text[1] == "facts: 1 made = 1 accepted + 0 duplicate + 0 refused"
    assert text[-2].endswith(
        "a.csv, line 3: started_at: want seconds or milliseconds since 1970, got 'soon'"
    )
    assert text[-1].startswith("3 rows in ")


def test_the_account_shows_ten_refusals_and_the_total() -> None:
    refused = [Refused("a.csv", line, "want 5 fields, got 2") for line in range(2, 14)]
    account = Account(tables={"jobs": TableAccount(read=12, refused=refused)})
    account.check()
    text = list(lines(account, dry_run=True))
    assert len([line for line in text if line.startswith("refused row: ")]) == 10
    assert "… and 2 more, 12 in all" in text


def test_refused_rows_are_written_with_file_line_and_reason(tmp_path: Path) -> None:
    write_refused(tmp_path / "refused.csv", [Refused("a.csv", 3, "want 5 fields, got 2")])
    assert (
        tmp_path / "refused.csv"
    ).read_text() == 'file,line,reason\na.csv,3,"want 5 fields, got 2"\n'


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        (
            Account(tables={"jobs": TableAccount(read=2, used=1)}),
            "account of jobs: 2 rows read, 1 accounted for",
        ),
        (
            Account(made={"touch.recorded/v1": 2}, accepted=1),
            "account of facts: 2 made, 1 answered",
        ),
    ],
)
def test_an_account_that_does_not_add_up_is_our_fault_and_is_not_shown(
    account: Account, reason: str
) -> None:
    with pytest.raises(RuntimeError, match=reason):
        account.check()
