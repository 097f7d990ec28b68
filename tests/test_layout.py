"""The tree tells where things are: tests mirror it, folders stay small, packages introduce
themselves, and the glossary's words are the code's."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("audit", "sovereignty", "config", "bench")
MOST_MODULES = 13
MOST_WORDS = 40

# Tests that follow a story through many modules, or read a page; every other one has a twin.
STORIES = {
    "audit/management/commands/test_people_commands.py": "three commands about the same people",
    "audit/management/commands/test_token_commands.py": "two commands about the same tokens",
    "audit/test_entry_guards.py": "the triggers of a migration",
    "audit/tlog/test_formats_page.py": "FORMATS.md",
    "audit/verifier/test_alone.py": "the whole package, without the rest",
    "audit/verifier/test_colluders.py": "the whole package, against witnesses who lie",
    "audit/verifier/test_fuzz.py": "the whole package, on any bytes",
    "audit/verifier/test_lies.py": "the whole package, against a lying log",
    "audit/verifier/test_requirements.py": "requirements.txt",
    "audit/web/test_not_open.py": "every page, before the ledger is open",
    "bench/fleet/test_facts.py": "the files that a fleet writes",
    "bench/test_scripts.py": "every bench, on a small input",
    "browser/test_walk.py": "every page, in a real browser",
    "config/test_hostile_requests.py": "every address, with hostile input",
    "crash/test_killed.py": "real processes that are killed",
    "sovereignty/api/test_token_sources.py": "tokens over HTTP",
    "sovereignty/collect/trace/test_job_card.py": "the pack job-card.toml",
    "sovereignty/collect/trace/test_mlperf.py": "the pack mlperf.toml",
    "sovereignty/collect/trace/test_slurm.py": "the pack slurm.toml",
    "sovereignty/policy/test_a_new_rule.py": "a rule that only the test knows",
    "sovereignty/policy/test_evaluate_against_oracle.py": "the evaluator, against an oracle",
    "sovereignty/policy/test_facts_page.py": "FACTS.md",
    "sovereignty/policy/test_removing_facts.py": "the evaluator, as facts go missing",
    "sovereignty/test_attacks.py": "recorder and check, under attack",
    "sovereignty/test_attacks_on_declarations.py": "recorder and check, under attack",
    "sovereignty/test_attacks_on_touches.py": "recorder and check, under attack",
    "sovereignty/test_fleets.py": "recorder and check, on generated fleets",
    "sovereignty/web/test_another_tenant.py": "every page, as another tenant sees it",
    "sovereignty/web/test_terms.py": "every page's terms",
    "test_architecture.py": "the files of the project",
    "test_five_steps.py": "the five steps, one after the other",
    "test_layout.py": "the files of the project",
    "test_readme.py": "README.md",
    "test_sockets.py": "the tests' own guard against sockets",
    "test_stopped.py": "every program, stopped by hand",
    "test_unread.py": "every program, whose output nobody reads",
}
# Folders that may hold more modules, and why.
LARGE = {
    "audit": "the steps of the ledger, each imported by its name",
    "audit/tlog": "one format or proof a module",
    "audit/verifier": "one step of the verification a module",
    "audit/management/commands": "one command a module",
    "bench/fleet": "one step of the simulation a module",
}
# Words of the glossary that no class bears, and why.
IDEAS = {
    "area": "two numbers, cards and milliseconds",
    "epoch": "a number; its class is Seal",
    "position": "a number; its class is Batch",
    "run": "columns of arrays in the plane",
    "sequence gap": "the lack of a number",
    "slot": "a text in a node; its class is Card",
    "strip": "columns of arrays in the plane",
}


def _folders() -> Iterator[Path]:
    """Every folder of the sources that holds modules of ours."""
    for source in SOURCES:
        for path in (ROOT / source, *sorted((ROOT / source).rglob("*"))):
            if path.name not in ("__pycache__", "migrations") and any(path.glob("*.py")):
                yield path


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _modules(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*.py") if path.name != "__init__.py"]


def test_every_test_has_a_twin_in_the_sources_or_tells_a_story() -> None:
    tests = {path.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}
    twinless = {
        test.as_posix()
        for test in tests
        if not (ROOT / test.parent / test.name.removeprefix("test_")).is_file()
    }
    assert twinless == set(STORIES)


def test_no_folder_is_crowded() -> None:
    crowded = {_name(folder) for folder in _folders() if len(_modules(folder)) > MOST_MODULES}
    assert crowded == set(LARGE)


@pytest.mark.parametrize("folder", list(_folders()), ids=_name)
def test_a_package_says_what_it_holds(folder: Path) -> None:
    init = folder / "__init__.py"
    assert (folder / "README.md").is_file() or ast.get_docstring(ast.parse(init.read_text()))


def _glossary() -> list[str]:
    text = (ROOT / "sovereignty" / "README.md").read_text()
    table = text.partition("\n## Glossary\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| ([a-z][a-z ]*) \|", table, re.MULTILINE)[1:]  # without the head


def test_the_glossary_is_short_sorted_and_unique() -> None:
    words = _glossary()
    assert words == sorted(set(words))
    assert 0 < len(words) <= MOST_WORDS


def test_the_glossarys_words_are_classes_or_ideas() -> None:
    classes = {
        node.name
        for folder in _folders()
        for path in _modules(folder)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    }
    assert {word for word in _glossary() if word.title().replace(" ", "") not in classes} == set(
        IDEAS
    )
