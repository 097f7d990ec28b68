"""`manage.py publish_policy`: what comes with the product, files of one's own, and refusals that
name file and field."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from sovereignty.models import Policy
from sovereignty.policy import packs
from tests.installation import Installation

pytestmark = pytest.mark.usefixtures("ledger")


def publish(*arguments: str) -> str:
    out = io.StringIO()
    call_command("publish_policy", *arguments, stdout=out)
    return out.getvalue()


def refusal(*arguments: str) -> tuple[int, str]:
    with pytest.raises(CommandError) as caught:
        publish(*arguments)
    return caught.value.returncode, str(caught.value)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A file of one's own, first a copy of cn-domestic."""
    path = tmp_path / "ministry.yaml"
    path.write_text(
        (packs.FOLDER / "cn-domestic.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    return path


def changed(path: Path, old: str, new: str) -> str:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", packs.names())
def test_publishes_what_comes_with_the_product_once(name: str) -> None:
    first = publish(name)
    assert first.startswith(f"{name} 1.0.0 is published, digest ")
    assert publish(name) == first
    assert Policy.objects.count() == 1


def test_lists_what_comes_with_the_product() -> None:
    lines = publish("--list").splitlines()
    assert [line.split()[0] for line in lines] == ["POLICY", *packs.names()]
    assert lines[1].split(maxsplit=2)[1:] == [
        "1.0.0",
        "Domestic cards, domestic regions, domestic hands (China)",
    ]


def test_publishes_a_file_of_ones_own(own: Path) -> None:
    assert publish(changed(own, "name: cn-domestic", "name: ministry")).startswith(
        "ministry 1.0.0 is published"
    )


def test_a_version_that_changed_is_refused(own: Path) -> None:
    publish("cn-domestic")
    code, said = refusal(changed(own, "[CN]", "[CN, SG]"))
    assert code == 1
    assert said.startswith(f"{own}: cn-domestic 1.0.0 is published: want its digest ")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "id: PL-03",
            "id: PL-99",
            "rules[2].id: want one of OP-01, PL-01, PL-02, PL-03, TE-01, got 'PL-99'",
        ),
        (
            "least_grade: declared",
            "least_grade: sworn",
            "least_grade: want one of planned, declared, attested, observed, got 'sworn'",
        ),
        ("applies_to: null\n", "", "policy.applies_to: want this field, got nothing"),
        (
            "version: 1.0.0",
            "version: 1.0.0\nversion: 1.0.1",
            "YAML: want each key once, got 'version' again, line 1",
        ),
    ],
)
def test_a_fault_names_file_field_wanted_and_came(own: Path, old: str, new: str, said: str) -> None:
    assert refusal(changed(own, old, new)) == (2, f"{own}: {said}")


def test_what_is_no_yaml_is_told_on_one_line(own: Path) -> None:
    own.write_text("rules: [")
    code, said = refusal(str(own))
    assert (code, said.startswith(f"{own}: YAML: want one YAML document, got "), "\n" in said) == (
        2,
        True,
        False,
    )
    own.write_bytes(b"\x00\xff")
    assert refusal(str(own)) == (2, f"{own}: want UTF-8 text, got 0xff at byte 1")


def test_an_unknown_name_is_quoted_with_those_that_exist() -> None:
    known = (
        "POLICY: want one of cn-domestic, cn-region, eu-residency, "
        "or a file that ends in .yaml or .yml, got "
    )
    assert refusal("cn-domestik") == (2, f"{known}'cn-domestik'")
    assert refusal() == (2, f"{known}nothing")


def test_a_file_that_is_not_there_is_one_line(installation: Installation, tmp_path: Path) -> None:
    done = installation.manage("publish_policy", str(tmp_path / "none.yaml"))
    assert (done.returncode, done.stderr) == (
        2,
        f"publish_policy: {tmp_path}/none.yaml: No such file or directory\n",
    )
    done = installation.manage("publish_policy", "--help")
    assert (done.returncode, "examples:" in done.stdout, "exit code:" in done.stdout) == (
        0,
        True,
        True,
    )
