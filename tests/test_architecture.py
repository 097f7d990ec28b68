"""The two decisions that hold the house up, and a few habits, checked on the files themselves.

The layers between packages are contracts of import-linter (`make lint`); here stands what it cannot
see.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("audit", "sovereignty", "config")

# What each PURE package may import besides the standard library and itself.
PROVING = {"cryptography", "audit.tlog"}
JUDGING = {
    "msgspec",
    "numpy",
    "audit.tlog",
    "audit.verifier",
    "sovereignty.hostlist",
    "sovereignty.facts",
    "sovereignty.policy",
    "sovereignty.plane",
}
PURE = {
    "audit/tlog": PROVING,
    "audit/verifier": PROVING,
    "audit/witness": PROVING,
    "sovereignty/hostlist": set(),
    "sovereignty/facts": {"msgspec", "audit.times", "sovereignty.hostlist"},
    "sovereignty/policy": JUDGING,
    "sovereignty/plane": JUDGING,
    "sovereignty/replay": JUDGING,
}
READS_YAML = "sovereignty/policy/packs.py"
# Modules of the standard library that reach the network or start processes: a proof and a verdict
# need neither.
REACHING = {
    "asyncio",
    "ftplib",
    "http",
    "multiprocessing",
    "smtplib",
    "socket",
    "socketserver",
    "ssl",
    "subprocess",
    "urllib",
    "xmlrpc",
}
WITNESS_SERVES = {"audit/witness": {"http", "socketserver", "urllib"}}

URL = re.compile(r"\b(?:https?|wss?|ftp)://([A-Za-z0-9.-]+)")
OUR_HOSTS = re.compile(
    r"^(?:[a-z0-9.-]+\.)?(?:example|example\.(?:com|org|net)|localhost)$|^127\.0\.0\.1$|^(?:www\.)?w3\.org$"
)
TEXTS = {".py", ".html", ".txt", ".js", ".css", ".svg", ".yaml", ".toml", ".md"}


def _files(folder: str, suffix: str = ".py") -> list[Path]:
    return sorted(
        path for path in (ROOT / folder).rglob(f"*{suffix}") if "__pycache__" not in path.parts
    )


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(path: Path) -> Iterator[str]:
    """Every module that the file imports, wherever the import stands; `from a import b` gives
    `a.b`, which may be a name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


@pytest.mark.parametrize("folder", PURE)
def test_a_pure_package_imports_only_what_it_may(folder: str) -> None:
    allowed = PURE[folder] | {folder.replace("/", ".")}
    strangers = {
        f"{_module(path)} imports {module}"
        for path in _files(folder)
        for module in _imports(path)
        if module.split(".")[0] not in sys.stdlib_module_names
        and not any(
            _within(module, package)
            for package in allowed | ({"yaml"} if path == ROOT / READS_YAML else set())
        )
    }
    assert strangers == set()


@pytest.mark.parametrize("folder", PURE)
def test_a_pure_package_reaches_for_no_network_and_no_process(folder: str) -> None:
    closed = REACHING - WITNESS_SERVES.get(folder, set())
    reaching = {
        f"{_module(path)} imports {module}"
        for path in _files(folder)
        for module in _imports(path)
        if module.split(".")[0] in closed
    }
    assert reaching == set()


def test_the_ledger_does_not_know_the_domain_by_name() -> None:
    naming = [
        path
        for path in (ROOT / "audit").rglob("*")
        if path.suffix in TEXTS and "sovereignty" in path.read_text().lower()
    ]
    assert naming == []


def test_the_ledgers_tables_point_at_its_own_and_djangos_tables_only() -> None:
    fields = [
        field
        for model in apps.get_app_config("audit").get_models()
        for field in model._meta.get_fields()
        if not field.auto_created
    ]
    related = {field.related_model for field in fields if field.is_relation}
    assert {model._meta.app_label for model in related if isinstance(model, type)} <= {
        "audit",
        "auth",
    }


def test_the_ledgers_migrations_build_on_its_own_and_djangos_only() -> None:
    migrations = MigrationLoader(None).disk_migrations
    needed = {
        app
        for (label, _), migration in migrations.items()
        if label == "audit"
        for app, _ in migration.dependencies
    }
    assert needed <= {"audit", "auth"}


@pytest.mark.parametrize("package", ["audit", "sovereignty"])
def test_importing_a_package_runs_nothing(package: str) -> None:
    assert (ROOT / package / "__init__.py").read_text() == ""


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    names = {"utils", "util", "helpers", "helper", "misc", "common", "services"}
    folders = (*PACKAGES, "tests", "bench")
    assert [
        path
        for folder in folders
        for path in _files(folder)
        if path.stem in names or path.parent.name in names
    ] == []


def test_nothing_shipped_names_a_host_of_the_network() -> None:
    named = {
        f"{path.relative_to(ROOT)}: {host}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in TEXTS
        for host in URL.findall(path.read_text())
        if not OUR_HOSTS.match(host.rstrip("."))
    }
    assert named == set()


def test_templates_load_nothing_from_elsewhere_and_hold_no_script_or_style() -> None:
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\son[a-z]+=|(?:src|href)=[\"'](?:https?:)?//",
        re.IGNORECASE,
    )
    guilty = [
        path
        for package in PACKAGES
        for path in _files(package, ".html")
        if inline.search(path.read_text())
    ]
    assert guilty == []
