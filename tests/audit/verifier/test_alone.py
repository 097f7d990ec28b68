"""The verifier needs the standard library and `cryptography`, and no network."""

from pathlib import Path

import pytest

from tests.audit.verifier import alone
from tests.lying_log import honest_log


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return alone.make(tmp_path_factory.mktemp("alone") / "site")


def test_the_environment_holds_neither_django_nor_the_domain(environment: Path) -> None:
    for absent in ("django", "numpy", "msgspec", "sovereignty"):
        done = alone.run(environment, absent)
        assert done.returncode != 0
        assert f"No module named {absent}" in done.stderr


def test_the_environment_has_no_network(environment: Path, tmp_path: Path) -> None:
    (environment / "reaching.py").write_text(
        "import socket\nsocket.create_connection(('192.0.2.1', 443))\n"
    )
    done = alone.run(environment, "reaching")
    assert done.returncode != 0
    assert "the verifier reached for the network" in done.stderr


def test_the_verifier_explains_itself_there(environment: Path) -> None:
    done = alone.run(environment, "audit.verifier", "--help")
    assert done.returncode == 0, done.stderr
    assert "--trust" in done.stdout


def test_the_verifier_refuses_what_is_no_bundle_there(environment: Path, tmp_path: Path) -> None:
    bundle, trust = tmp_path / "march.zip", tmp_path / "trust.txt"
    bundle.write_bytes(b"not a bundle")
    trust.write_text("quorum none\n")
    done = alone.run(environment, "audit.verifier", str(bundle), "--trust", str(trust))
    assert done.returncode == 1, done.stderr


def test_the_verifier_proves_an_honest_bundle_there_and_refuses_another_trails_pin(
    environment: Path, tmp_path: Path
) -> None:
    log, trust = honest_log(), tmp_path / "trust.txt"
    log.sign()
    bundle = log.parts().write(tmp_path / "march.zip")
    trust.write_text(log.policy())
    proved, refused = (
        alone.run(environment, "audit.verifier", str(bundle), "--trust", str(trust), "--pin", pin)
        for pin in (log.pin().text(), log.pin(3).text())
    )
    assert proved.returncode == 0, proved.stdout + proved.stderr
    assert refused.returncode == 1, refused.stdout + refused.stderr
