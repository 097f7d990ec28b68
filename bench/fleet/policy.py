"""The policy that the truth is told by."""

from bench.fleet.cast import ALLOWED, JUDGED_SECTORS

STAGES = ("design", "fabrication", "packaging", "firmware")


def text() -> str:
    """The policy document, as YAML."""
    countries, stages, sectors = ", ".join(ALLOWED), ", ".join(STAGES), ", ".join(JUDGED_SECTORS)
    return f"""\
format: domicile/policy/v1
name: cn-domestic
version: 1.0.0
title:
  en: Domestic cards, domestic regions, domestic hands
  zh-Hans: 境内算力、境内区域、境内人员
least_grade: declared
rules:
  - id: PL-01
    parameters: {{allowed_countries: [{countries}]}}
  - id: PL-02
    parameters: {{allowed_countries: [{countries}], stages: [{stages}]}}
  - id: PL-03
    parameters: {{}}
  - id: OP-01
    parameters: {{allowed_countries: [{countries}]}}
  - id: TE-01
    parameters: {{}}
applies_to:
  sectors: [{sectors}]
"""
