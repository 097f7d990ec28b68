"""The command line's edge, as people meet it: each expected failure is one line and an exit code,
and a bug keeps its traceback."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.db import IntegrityError, connection

from config.expected import explained
from tests.installation import Installation

# nothing may listen at port 1, tcpmux
CLOSED_PORT = "postgresql://olga:hunter2@127.0.0.1:1/domicile"


def said(installation: Installation, *arguments: str, **environment: str) -> tuple[int, str]:
    """The exit code and the one line that `manage.py` wrote on standard error."""
    done = installation.manage(*arguments, **environment)
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("warning: ")]
    assert len(lines) == 1, done.stderr
    return done.returncode, lines[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ["seal"],
        ["fsck"],
        ["rebuild"],
        ["show_trust"],
        ["make_token", "x", "--record", "--any-source"],
        ["run_job", "1"],
    ],
)
def test_a_database_without_tables_says_migrate(
    bare_installation: Installation, arguments: Sequence[str]
) -> None:
    code, line = said(bare_installation, *arguments)
    assert code == 2
    assert re.fullmatch(
        arguments[0] + r": the database lacks \d+ migrations, the first \S+: "
        r"run `python manage.py migrate` first",
        line,
    )


@pytest.mark.parametrize("command", ["seal", "fsck", "migrate", "serve"])
def test_a_database_that_is_away_is_named_without_its_password(
    bare_installation: Installation, command: str
) -> None:
    code, line = said(bare_installation, command, DOMICILE_DATABASE=CLOSED_PORT)
    assert code == 2
    assert line.startswith(
        f"{command}: the database domicile at 127.0.0.1 port 1 as olga cannot be opened: "
        "Connection refused"
    )
    assert "hunter2" not in line


def test_a_file_that_is_no_database_is_named(
    bare_installation: Installation, tmp_path: Path
) -> None:
    (tmp_path / "letter").write_text(
        "Dear Olga, this is no database, and it is long enough to be looked at. " * 9
    )
    code, line = said(bare_installation, "fsck", DOMICILE_DATABASE=f"sqlite:///{tmp_path}/letter")
    assert (code, line) == (
        2,
        f"fsck: the database {tmp_path}/letter cannot be opened: file is not a database",
    )


def test_a_malformed_variable_is_named(bare_installation: Installation) -> None:
    assert said(bare_installation, "seal", DOMICILE_RUNNERS="many") == (
        2,
        "DOMICILE_RUNNERS: want a whole number of at least 1, got 'many'",
    )
    code, line = said(bare_installation, "migrate", DOMICILE_DATABASE="sqlite://")
    assert (code, line.startswith("DOMICILE_DATABASE: want sqlite:////absolute/path or ")) == (
        2,
        True,
    )


@pytest.mark.parametrize("command", ["seal", "fsck", "record"])
def test_a_ledger_that_is_not_open_says_open_ledger(
    installation: Installation, tmp_path: Path, command: str
) -> None:
    fact = tmp_path / "region.ndjson"
    fact.write_text(
        '{"specversion":"1.0","type":"domicile.region.declared.v1","source":"cmdb","id":"r1","time":"2026-01-01T00:00:00Z",'
        '"data":{"region":"cn-hz-1","country":"CN","effective_at":0,"evidence":"declared"}}'
    )
    code, line = said(installation, command, *[str(fact)] * (command == "record"))
    assert code == 2
    assert line.endswith("the ledger is not open: run `manage.py open_ledger` first")


def test_an_origin_that_is_not_the_logs_names_the_variable_and_both(
    installation: Installation,
) -> None:
    installation.manage("open_ledger", DOMICILE_ORIGIN="a.example/log").check_returncode()
    for command in (
        ["seal"],
        ["record", "facts.ndjson"],
        ["export_bundle", "--trail", "0", "-o", "fleet.zip"],
    ):
        assert said(installation, *command, DOMICILE_ORIGIN="b.example/log") == (
            2,
            (
                f"{command[0]}: DOMICILE_ORIGIN is b.example/log, "
                "and this ledger is a.example/log for ever: set it to that"
            ),
        )


def test_an_export_before_the_first_seal_is_one_line(
    installation: Installation, tmp_path: Path
) -> None:
    installation.manage("open_ledger").check_returncode()
    done = installation.manage("export_bundle", "--trail", "0", "-o", str(tmp_path / "fleet.zip"))
    assert (done.returncode, done.stderr) == (
        1,
        "export_bundle: trail 0 is in no sealed epoch yet: seal first\n",
    )


def test_a_second_store_that_knows_nothing_is_one_line(
    installation: Installation, tmp_path: Path
) -> None:
    installation.manage("open_ledger").check_returncode()
    installation.manage("seal").check_returncode()
    code, line = said(installation, "seal", DOMICILE_SECOND_STORE=str(tmp_path / "other"))
    assert code == 2
    assert line.startswith(f"seal: the second store in {tmp_path / 'other'} is empty")


def test_a_misspelt_variable_is_warned_of_with_the_nearest_name(installation: Installation) -> None:
    done = installation.manage("fsck", DOMICILE_ORGIN="ledger.hanxing.internal/log")
    assert "DOMICILE_ORGIN is set, and nothing reads it." in done.stderr
    assert "Did you mean DOMICILE_ORIGIN?" in done.stderr


def test_only_commands_that_fix_the_origin_warn_of_the_example(installation: Installation) -> None:
    for command, warns in (
        ("open_ledger", True),
        ("seal", True),
        ("show_trust", True),
        ("rebuild", False),
        ("fsck", False),
    ):
        assert ("example origin" in installation.manage(command).stderr) is warns, command
    assert "domicile.W002" in installation.manage("check", "--deploy").stderr


def test_an_unknown_command_is_usage_and_names_the_nearest(bare_installation: Installation) -> None:
    code, line = said(bare_installation, "recrod")
    assert code == 2
    assert line.endswith("got 'recrod'; did you mean record?")


def test_help_lists_our_commands_and_django_behind_all(bare_installation: Installation) -> None:
    ours = bare_installation.manage("help").stdout
    assert re.search(r"^record:\n  record +Record facts", ours, re.MULTILINE)
    assert "makemigrations" not in ours
    # Django's would tell nobody
    assert re.search("^  changepassword +Give a person another password", ours, re.MULTILINE)
    everything = bare_installation.manage("help", "--all").stdout
    assert everything.startswith(ours.rstrip("\n"))
    assert "makemigrations" in everything
    of_ours = bare_installation.manage("help", "record").stdout
    assert "examples:" in of_ours and "--pythonpath" not in of_ours
    assert "--pythonpath" in bare_installation.manage("help", "migrate").stdout


def test_a_traceback_is_shown_where_it_is_asked_for(bare_installation: Installation) -> None:
    done = bare_installation.manage("seal", "--traceback")
    assert "Traceback" in done.stderr
    assert done.returncode == 1


def test_a_bug_keeps_its_traceback(bare_installation: Installation) -> None:
    done = bare_installation.manage("shell", "--no-imports", "--command", "1 / 0")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


@pytest.mark.parametrize("error", [ValueError("ours"), KeyError("ours"), OSError("without a file")])
def test_what_nobody_expects_is_not_explained(error: Exception) -> None:
    assert explained(error) is None


@pytest.mark.django_db(transaction=True)
def test_a_fault_of_sql_in_a_whole_database_is_a_bug() -> None:
    assert explained(IntegrityError("UNIQUE constraint failed")) is None
    connection.close()


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(OSError) as raised:
        (tmp_path / "absent").read_text()
    found = explained(raised.value)
    assert found is not None
    assert (found.text, found.code) == (f"{tmp_path / 'absent'}: No such file or directory", 2)
