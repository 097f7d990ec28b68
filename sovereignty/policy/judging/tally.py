"""Adds up card-time per tenant, rule and verdict, and keeps what failed for the findings.

Sums are in card-milliseconds, exact in 64 bits: 10⁶ cards × a year is 3.2 × 10¹⁶. Each row is
judged once by each rule, so nothing is counted twice or dropped.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.runs import Rows, join
from sovereignty.plane.world import Int32s, Int64s
from sovereignty.policy.judging.findings import NOBODY, Failures, merge
from sovereignty.policy.judging.verdict_table import VerdictTable
from sovereignty.policy.lattice import Verdict
from sovereignty.policy.rule import Outcome

ROWS_AT_ONCE = 1 << 18  # keeps the columns of one portion in the processor's cache


class Tally:
    """`totals[t, r, v]` is the card-time in ms of tenant t in verdict v, by rule r of the table."""

    def __init__(self, tenant_of_touch: Int32s, tenants: int, table: VerdictTable) -> None:
        self._tenant_of_touch, self._table = tenant_of_touch, table
        self.totals = np.zeros((tenants, len(table.outcomes), len(Verdict)), dtype=np.int64)
        # Steps of which all rules give the same verdicts are one column: there are few, whatever
        # the number of steps.
        self._columns, self._column_of_step = np.unique(table.verdict, axis=1, return_inverse=True)
        self._fails: NDArray[np.bool_] = np.asarray(table.verdict >= Verdict.UNVERIFIABLE)
        self._failed: list[tuple[Sequence[int], Rows, Int64s]] = []
        self._extra: list[tuple[int, Failures]] = []

    def add(self, rows: Rows, rules: Sequence[int]) -> None:
        """Judge a portion of rows by the table, for these rules only."""
        cut, step = self._table.look_up(rows)
        self._sum(cut, self._column_of_step[step], rules)
        failed: NDArray[np.bool_] = np.logical_or.reduce(self._fails[list(rules)], axis=0)[step]
        if failed.any():
            self._failed.append((rules, cut.take(failed), step[failed]))

    def add_all(self, rows: Rows, rule: int, verdict: Verdict) -> None:
        """Add rows that have one verdict by this rule, whatever the table says."""
        np.add.at(self.totals[:, rule, verdict], self._tenant_of_touch[rows.touch], rows.area())

    def add_failures(self, rule: int, failures: Failures) -> None:
        """Keep failures that are not the table's."""
        self._extra.append((rule, failures))

    def failures(self, rule: int) -> Failures:
        """All failures of the rule that were added."""
        pieces, codes = [], []
        for rules, rows, step in self._failed:
            failed = self._fails[rule][step]
            if rule in rules and failed.any():
                pieces.append(rows.take(failed))
                codes.append(self._table.code[rule][step[failed]])
        failures = [extra for failed_rule, extra in self._extra if failed_rule == rule]
        if pieces:
            from_table = _meeting_nobody(
                join(pieces), np.concatenate(codes), self._table.outcomes[rule]
            )
            failures.append(from_table)
        return merge(failures)

    def _sum(self, rows: Rows, column: Int64s, rules: Sequence[int]) -> None:
        tenants, _, _ = self.totals.shape
        columns = self._columns.shape[1]
        areas = np.zeros(tenants * columns, dtype=np.int64)
        np.add.at(
            areas, self._tenant_of_touch[rows.touch] * np.int64(columns) + column, rows.area()
        )
        by_column = areas.reshape(tenants, columns)
        for rule in rules:
            for number in range(columns):
                self.totals[:, rule, self._columns[rule, number]] += by_column[:, number]


def _meeting_nobody(rows: Rows, code: Int32s, outcomes: Sequence[Outcome]) -> Failures:
    return Failures(rows, code, np.full(len(rows), NOBODY, dtype=np.int32), outcomes)


def all_alike(rows: Rows, outcome: Outcome) -> Failures:
    """Rows that all fail by one outcome."""
    return _meeting_nobody(rows, np.zeros(len(rows), dtype=np.int32), [outcome])
