"""The policies that come with the product: YAML files in `packs/policies/`, each one policy
document.

YAML is read as JSON would be: no sharing, no tags, every plain word is text except `null`. So
Norway's code stays "NO" and a version stays "1.0", and a key that comes twice is refused.
"""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from sovereignty.policy.document import Policy, parse
from sovereignty.policy.errors import PolicyError

FOLDER = Path(__file__).resolve().parent.parent / "packs" / "policies"
_NULL = "tag:yaml.org,2002:null"


class _PlainLoader(yaml.SafeLoader):
    """Reads lists, objects, text and null, and nothing else."""

    yaml_implicit_resolvers = {
        letter: [(tag, pattern) for tag, pattern in resolvers if tag == _NULL]
        for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise PolicyError("YAML", "no aliases", f"one on line {self.line + 1}")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names = [key.value for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise PolicyError(
                    "YAML", "each key once", f"{name!r} again, line {node.start_mark.line + 1}"
                )
        return super().construct_mapping(node, deep)


def read_yaml(text: str) -> object:
    """The plain values that `text` spells, for `document.parse`. Raises PolicyError."""
    try:
        return yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a SafeLoader with less
    except yaml.YAMLError as error:
        raise PolicyError("YAML", "one YAML document", str(error)) from error


def names() -> tuple[str, ...]:
    """The names of the policies that come with the product, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def read(name: str) -> Policy:
    """The policy of that name. Raises PolicyError."""
    if name not in names():
        raise PolicyError("policy", f"one of {', '.join(names())}", repr(name))
    policy = parse(read_yaml((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))
    if policy.name != name:
        raise PolicyError("name", repr(name), repr(policy.name))
    return policy
