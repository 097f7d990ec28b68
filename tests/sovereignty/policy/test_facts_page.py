"""sovereignty/FACTS.md against the structs: no field of any kind is missing, made up, or marked or
bounded wrongly."""

import re
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest

from sovereignty.collect.cloudevents import Envelope, parse
from sovereignty.facts import kinds
from sovereignty.recording.record import record

PAGE = Path(__file__).resolve().parents[3] / "sovereignty" / "FACTS.md"
SECTIONS = dict(
    re.findall(
        r"^##+ (.+?)\n(.*?)(?=^##+ |\Z)", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
)
EXAMPLES = re.findall(r"^```json\n(.+)\n```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
PARTS = {"A card group": kinds.CardGroup, "A part": kinds.Part, "A replacement": kinds.Replacement}
STRUCTS = {f"`{kind}`": struct for kind, struct in kinds.KINDS.items()} | PARTS
FORMS = {
    kinds.Key: "key",
    kinds.LooseKey: "key",
    kinds.Word: "word",
    kinds.NodeName: "node name",
    kinds.Country: "country",
    kinds.Millis: "time",
    kinds.Grade: "grade",
    kinds.Hostlist: "hostlist",
    kinds.Slots: "slots",
    kinds.Nonce: "nonce",
    kinds.CardGroup: "card group",
    kinds.Part: "part",
    kinds.Replacement: "replacement",
    bool: "true or false",
    dict[str, Any]: "object",
}


def rows(section: str) -> dict[str, list[str]]:
    """The table of a section: the other cells of each line, by its first."""
    lines = [
        line.strip("|").split("|")
        for line in SECTIONS[section].splitlines()
        if line.startswith("| ")
    ]
    return {
        cells[0].strip().strip("`"): [cell.strip() for cell in cells[1:]] for cells in lines[2:]
    }


def form_of(hint: Any, name: str = "") -> str:
    """How the page spells the type of the field `name`: a span in milliseconds is bounded as a time
    is, and is none."""
    if hint in FORMS and not name.endswith("_ms"):
        return FORMS[hint]
    if get_origin(hint) is list:
        inner = get_args(hint)[0]
        words = get_args(inner) if inner not in FORMS else ()
        return (
            f"list of {', '.join(f'`{word}`' for word in words[:-1])} or `{words[-1]}`"
            if words
            else f"list of {form_of(inner)}s"
        )
    if metas := getattr(hint, "__metadata__", ()):
        base, meta = get_args(hint)[0], metas[0]
        return form_of(base) if base is not int else f"an integer from {meta.ge} to {meta.le}"
    spelled = [
        form_of(inner, name)
        for inner in get_args(hint)
        if inner not in (type(None), msgspec.UnsetType)
    ]
    null = msgspec.UnsetType in get_args(hint) and type(None) in get_args(hint)
    return " or ".join(spelled) + (", or null" if null else "")


def test_there_is_a_section_of_every_kind_and_of_no_other() -> None:
    assert {name for name in SECTIONS if name.endswith("/v1`")} == {
        f"`{kind}`" for kind in kinds.KINDS
    }


@pytest.mark.parametrize("section", STRUCTS)
def test_lists_every_field_with_its_mark_and_form_and_nothing_else(section: str) -> None:
    struct = STRUCTS[section]
    hints = get_type_hints(struct, include_extras=True)
    fields = msgspec.structs.fields(struct)  # type: ignore[arg-type]  # it takes a subclass of Struct as well
    want = {
        field.encode_name: [
            "required" if field.required else "optional",
            form_of(hints[field.name], field.name),
        ]
        for field in fields
    }
    assert {name: cells[:2] for name, cells in rows(section).items()} == want
    assert all(cells[2] for cells in rows(section).values())


def test_lists_every_member_of_the_envelope_and_nothing_else() -> None:
    want = {
        field.name: "required" if field.required or field.name == "data" else "optional"
        for field in msgspec.structs.fields(Envelope)
    }
    assert {name: cells[0] for name, cells in rows("The envelope").items()} == want


def test_bounds_every_form_as_the_structs_do() -> None:
    found = rows("The forms")
    for alias, name in FORMS.items():
        for meta in getattr(alias, "__metadata__", ()):
            said = re.findall(r"\d+", found[name][0])
            bounds = [bound for bound in (meta.max_length, meta.le) if bound is not None]
            assert all(str(bound) in said for bound in bounds), name
    assert set(re.findall("`(.+?)`", found["grade"][0])) == set(get_args(kinds.Grade))


def test_gives_one_example_of_each_kind_that_is_accepted() -> None:
    assert sorted(parse(example.encode()).kind for example in EXAMPLES) == sorted(kinds.KINDS)
    for kind in kinds.KINDS:
        (example,) = re.findall(r"^```json\n(.+)\n```$", SECTIONS[f"`{kind}`"], re.MULTILINE)
        assert parse(example.encode()).kind == kind


def test_the_examples_are_one_story_that_is_recorded_whole(ledger: None) -> None:
    declared_first = sorted(EXAMPLES, key=lambda example: "tenant.declared" not in example)
    for example in declared_first:
        answers = record([example.encode()], actor="olga", channel="test")
        assert (answers.accepted, answers.refusals) == (1, []), example
