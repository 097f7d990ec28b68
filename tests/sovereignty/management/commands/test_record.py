"""`manage.py record`: files in, refusals with file and line out, and an exit status that says how
it went."""

import gzip
import io
import json
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from audit.storage.second_store import SecondStore
from sovereignty.models import Batch, Fact
from tests import builders as b

pytestmark = pytest.mark.usefixtures("ledger")


def run(*arguments: object) -> tuple[int, str, str]:
    """Run the command; returns its exit status and what it wrote."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("record", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as stopped:
        return int(stopped.code or 0), out.getvalue(), err.getvalue()
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    return 0, out.getvalue(), err.getvalue()


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_records_lines_arrays_and_gzipped_files(tmp_path: Path) -> None:
    files = [
        written(tmp_path / "a.jsonl", b"\n".join(b.lines([b.tenant(), b.region()]))),
        written(tmp_path / "b.json", json.dumps([b.touch(), b.access()], indent=1).encode()),
        written(tmp_path / "c.jsonl.gz", gzip.compress(b.line(b.node()))),
    ]
    assert run(*files) == (0, "5 facts recorded, 0 existed already, 0 refused\n", "")
    assert set(Batch.objects.values_list("door", flat=True)) == {"command"}


def test_records_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b.line(b.tenant()))))
    assert run("-", "--actor", "olga")[0] == 0
    assert Batch.objects.get().actor == "olga"


def test_the_same_file_again_is_well(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", b"\n".join(b.lines([b.tenant(), b.region()])))
    run(path)
    assert run(path) == (0, "0 facts recorded, 2 existed already, 0 refused\n", "")


def test_prints_each_refusal_with_file_and_line(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.jsonl",
        b"\n".join([b.line(b.tenant()), b"", b"{", b.line(b.touch(id="t-9", tenant="nobody"))]),
    )
    status, out, err = run(path)
    assert (status, out) == (1, "1 fact recorded, 0 existed already, 2 refused\n")
    first, second = err.splitlines()
    assert first.startswith(f"{path}:3: refused: event: want JSON, got ")
    assert second == (
        f"{path}:4: refused 't-9': data.tenant: want a tenant that is declared, "
        "got 'nobody' (may be accepted later)"
    )


@pytest.mark.parametrize(
    ("name", "data", "recorded", "said"),
    [
        (
            "cut.gz",
            gzip.compress(b.line(b.tenant()), mtime=0)[:-3],
            0,
            ":1: want gzip up to its checksum, got its end before that",
        ),
        ("plain.gz", b.line(b.tenant()), 0, ":1: want gzip, got bytes that are not"),
        (
            "cut.json",
            b"[" + b.line(b.tenant()),
            1,
            ":2: want a comma and an object, or the array's end, got the end",
        ),
        ("utf-16.jsonl", "{}".encode("utf-16"), 0, ":1: want UTF-8, got UTF-16"),
        (
            "utf-16-without-mark.jsonl",
            "{}".encode("utf-16-le"),
            0,
            ":1: want JSON text in UTF-8, got a NUL byte",
        ),
        (
            "jobs.csv",
            b"job,node\n8812,hz-0001\n",
            0,
            ":1: want facts as JSON, got what looks like a table: use import_trace",
        ),
        (
            "jobs.csv.gz",
            gzip.compress(b"job|node\n8812|hz-0001\n", mtime=0),
            0,
            ":1: want facts as JSON, got what looks like a table",
        ),
        (
            "picture.png",
            b"\x89PNG\r\n\x1a\n\x00\x00\n",
            0,
            ":1: want JSON text in UTF-8, got a NUL byte",
        ),
    ],
)
def test_stops_at_a_file_that_cannot_be_read_on(
    tmp_path: Path, name: str, data: bytes, recorded: int, said: str
) -> None:
    path = written(tmp_path / name, data)
    status, out, err = run(path)
    count = "1 fact" if recorded == 1 else f"{recorded} facts"
    assert (status, out) == (2, f"{count} recorded, 0 existed already, 0 refused\n")
    assert (
        err.startswith(f"{path}{said}")
        and err.endswith("; the rest of it was not read\n")
        and err.count("\n") == 1
    )
    assert Fact.objects.count() == recorded


def test_stops_at_a_file_that_is_not_there(tmp_path: Path) -> None:
    status, _, err = run(tmp_path / "none.jsonl")
    assert (status, err) == (
        2,
        f"{tmp_path / 'none.jsonl'}: cannot be read: No such file or directory\n",
    )
    status, _, err = run(tmp_path)
    assert (status, err) == (2, f"{tmp_path}: cannot be read: Is a directory\n")


def test_the_other_files_are_recorded_and_the_summary_is_always_there(tmp_path: Path) -> None:
    good = written(tmp_path / "a.jsonl", b.line(b.tenant()))
    status, out, err = run(tmp_path / "none.jsonl", good)
    assert (status, out) == (2, "1 fact recorded, 0 existed already, 0 refused\n")
    assert err.count("\n") == 1


def test_an_empty_file_is_told_and_is_no_failure(tmp_path: Path) -> None:
    path = written(tmp_path / "empty.jsonl", b"")
    assert run(path) == (
        0,
        "0 facts recorded, 0 existed already, 0 refused\n",
        f"{path}: holds no facts\n",
    )


def test_gzip_is_known_by_its_bytes(tmp_path: Path) -> None:
    path = written(tmp_path / "facts.jsonl", gzip.compress(b.line(b.tenant())))
    assert run(path)[:2] == (0, "1 fact recorded, 0 existed already, 0 refused\n")


def test_says_what_the_ledger_refuses(tmp_path: Path) -> None:
    SecondStore.at(settings.SECOND_STORE_DIR).advance([(0, 9, bytes(32))])
    status, _, err = run(written(tmp_path / "a.jsonl", b.line(b.region())))
    assert status == 2
    assert "the second store remembers size 9" in err


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("record", "--help")
    assert "collector | python manage.py record -" in capsys.readouterr().out
