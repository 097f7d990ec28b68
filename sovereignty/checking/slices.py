"""Slices: a tenant's part of a report, in which neighbours have pseudonyms that no other trail can
link."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Container
from typing import Any

from audit.models import FLEET_NUMBER
from sovereignty.models import Fact

PSEUDONYM_HEX = 16


def pseudonym(secret: bytes, name: str) -> str:
    """The name under which one trail's texts speak of somebody else's things: the same each time,
    and linkable nowhere else."""
    return hmac.new(secret, name.encode(), hashlib.sha256).hexdigest()[:PSEUDONYM_HEX]


def slice_of(part: dict[str, Any], secret: bytes, known_sources: Container[str]) -> dict[str, Any]:
    """A tenant's part of a report as the tenant may read it: neighbours by pseudonym, and sources
    that only neighbours have. `known_sources` are those that the
    tenant's own trail or the fleet's names."""
    return {
        **part,
        "rules": [
            {**rule, "blocks": [_masked(block, secret, known_sources) for block in rule["blocks"]]}
            for rule in part["rules"]
        ],
    }


def _masked(block: dict[str, Any], secret: bytes, known_sources: Container[str]) -> dict[str, Any]:
    detail = block.get("detail") or {}
    if masked := {
        name: _sources_masked(detail[name], secret, known_sources)
        for name in ("sources", "repeated")
        if name in detail
    }:
        block = {**block, "detail": {**detail, **masked}}
    if "other" not in block:
        return block
    other = block["other"]
    return {
        **block,
        "other": {
            "tenant": pseudonym(secret, f"tenant:{other['tenant']}"),
            "touch": pseudonym(secret, f"touch:{other['tenant']}:{other['touch']}"),
        },
    }


def _sources_masked(text: str, secret: bytes, known_sources: Container[str]) -> str:
    """Names of sources, joined by commas."""
    if text in known_sources:
        return text
    return ", ".join(
        name if name in known_sources else pseudonym(secret, f"source:{name}")
        for name in text.split(", ")
    )


class KnownSources:
    """The sources that a reader of the fleet's trail and of one tenant's knows: those that are
    declared, or speak in either."""

    def __init__(self, declared: Container[str], trail: int) -> None:
        self._declared, self._trails = declared, (FLEET_NUMBER, trail)
        self._is_known: dict[object, bool] = {}

    def __contains__(self, name: object) -> bool:
        if name not in self._is_known:
            facts = Fact.objects.filter(source=name, trail_number__in=self._trails)
            self._is_known[name] = name in self._declared or facts.exists()
        return self._is_known[name]
