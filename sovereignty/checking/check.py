"""★2 Check: judge every touch and access of a period against one policy version, as of one
position.

The steps:

 1. fix the question (`sovereignty.checking.question`): policy, scope, period, position;
    the same question asked before returns its stored answer
 2. load the world as of the position
 3. evaluate it (pure: `sovereignty.policy.evaluate`) to a report, whose canonical bytes are the
    answer for ever
 4. write each tenant's slice into the tenant's trail, then the summary of slice digests into the
    operator's, with the rows that the pages read, all in one transaction
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from audit.append import lock_trails
from audit.clock import now_ms
from audit.jobs.progress import Progress, silent
from audit.models import FLEET_NUMBER, OPERATOR_NUMBER, Job, Trail
from audit.own_entries import append_own, place_in_body
from audit.storage import rows
from audit.storage.raw import one_snapshot
from audit.tlog import canonical
from audit.tlog.entry import Attachment, entry_leaf
from sovereignty.checking.policies import document_of
from sovereignty.checking.publish import write_policy
from sovereignty.checking.question import Question, ask
from sovereignty.checking.slices import KnownSources, slice_of
from sovereignty.loading.world import load_world
from sovereignty.models import (
    Check,
    CheckTotal,
    Fact,
    Finding,
    Policy,
    Slice,
    SourceDeclaration,
    Tenant,
    scope_digest,
)
from sovereignty.policy.entry_kinds import CHECK_SLICE, CHECK_SUMMARY
from sovereignty.policy.evaluate import evaluate
from sovereignty.policy.lattice import parse, worst

STEPS = 6
FINDING_COLUMNS = (
    "check_of_id", "tenant_id", "rule", "verdict", "reason", "touch_id", "workload",
    "amount", "from_at", "to_at", "block",
)  # fmt: skip


def stored(question: Question) -> Check | None:
    """Return the answer that was given to the question before."""
    return Check.objects.filter(
        policy=question.policy,
        scope_digest=scope_digest(question.scope),
        period_from=question.period[0],
        period_to=question.period[1],
        position=question.position,
    ).first()


def check(question: Question, *, actor: str, progress: Progress = silent) -> Check:
    """Answer the question, once: the same question again returns the stored answer and writes
    nothing."""
    if answer := stored(question):
        return answer
    report = evaluate_question(question, progress)
    progress(STEPS - 1, STEPS, "writing slices")
    return write(question, report, actor=actor)


def write(question: Question, report: dict[str, Any], *, actor: str) -> Check:
    """Step 4: make `report` the answer, in the ledger and in the rows that pages read."""
    try:
        with transaction.atomic():
            return _Writing(question, report, actor).run()
    except IntegrityError:
        # Another process answered the same question meanwhile; evaluation is deterministic, so its
        # answer is ours.
        if answer := stored(question):
            return answer
        raise


def evaluate_question(question: Question, progress: Progress = silent) -> dict[str, Any]:
    """Steps 2 and 3: the report, written nowhere."""
    done = 0
    policy = document_of(question.policy)

    def step(name: str) -> None:
        nonlocal done
        progress(done, STEPS, f"reading {name}")
        done += 1

    with one_snapshot():
        world = load_world(question.position, question.period, policy.least_grade, step)
    return evaluate(
        world,
        policy,
        period=question.period,
        position=question.position,
        scope=question.tenants,
        progress=lambda done, total: progress(done, total, "judging"),
    )


def run_check(job: Job, progress: Progress) -> dict[str, Any]:
    """The job kind `check`: params {policy, tenants, from, to, position}; result {check, verdict,
    digest}."""
    params = job.params
    question = ask(
        Policy.objects.get(pk=params["policy"]),
        tenants=params.get("tenants"),
        period=(params.get("from"), params.get("to")),
        position=params.get("position"),
    )
    answer = check(question, actor=job.actor, progress=progress)
    return {"check": answer.pk, "verdict": answer.verdict, "digest": bytes(answer.digest).hex()}


class _Writing:
    """Step 4, inside the open transaction."""

    def __init__(self, question: Question, report: dict[str, Any], actor: str) -> None:
        self.question, self.report, self.actor = question, report, actor
        self.content = canonical.encode(report)
        self.tenants = {
            tenant.key: tenant
            for tenant in Tenant.objects.filter(
                key__in=[part["tenant"] for part in report["tenants"]]
            )
        }
        self.declared = frozenset(SourceDeclaration.objects.values_list("name", flat=True))
        self.made_at = now_ms()

    def run(self) -> Check:
        trails = lock_trails(
            [OPERATOR_NUMBER, *(tenant.trail_id for tenant in self.tenants.values())]
        )
        write_policy(self.question.policy, trails.values(), actor=self.actor)
        answer = self._answer()
        sizes = _sizes_at(self.question.position, [FLEET_NUMBER, *trails])
        summary: list[dict[str, Any]] = []
        for part in self.report["tenants"]:
            tenant = self.tenants[part["tenant"]]
            trail = trails[tenant.trail_id]
            known_sources = KnownSources(self.declared, trail.number)
            masked = slice_of(part, bytes(trail.secret), known_sources)
            index, leaf = self._append_slice(trail, masked, sizes)
            summary.append(
                {
                    "index": index,
                    "leaf": leaf.hex(),
                    "tenant": part["tenant"],
                    "trail": trail.number,
                }
            )
            self._write_rows(answer, tenant, masked, index)
        self._append_summary(trails[OPERATOR_NUMBER], summary)
        return answer

    def _answer(self) -> Check:
        verdicts = [part["verdict"] for part in self.report["tenants"]]
        return Check.objects.create(
            policy=self.question.policy,
            scope=self.question.scope,
            scope_digest=scope_digest(self.question.scope),
            period_from=self.question.period[0],
            period_to=self.question.period[1],
            position=self.question.position,
            verdict=worst(parse(word) for word in verdicts).word,
            report=self.content,
            digest=hashlib.sha256(self.content).digest(),
            made_at=self.made_at,
        )

    def _about(self) -> dict[str, Any]:
        return {
            "period": self.report["period"],
            "policy": self.report["policy"],
            "position": self.report["position"],
            "rules": self.report["rules"],
        }

    def _append_slice(
        self, trail: Trail, part: dict[str, Any], sizes: dict[int, int]
    ) -> tuple[int, bytes]:
        body = self._about()
        body |= {"fleet_size": sizes[FLEET_NUMBER], "tenant_size": sizes[trail.number]}
        attachments = place_in_body(body, "slice", part, sha256_name="slice_sha256")
        return self._append(trail, CHECK_SLICE, body, attachments)

    def _append_summary(self, trail: Trail, summary: list[dict[str, Any]]) -> None:
        body = self._about() | {
            "actor": self.actor,
            "report": hashlib.sha256(self.content).hexdigest(),
            "scope": self.report["scope"],
        }
        attachments = place_in_body(body, "slices", summary, sha256_name="slices_sha256")
        self._append(trail, CHECK_SUMMARY, body, attachments)

    def _append(
        self, trail: Trail, kind: str, body: dict[str, Any], attachments: tuple[Attachment, ...]
    ) -> tuple[int, bytes]:
        subject = f"check/{body['policy'][:16]}/{body['position']}"
        added = append_own(
            trail, kind, subject, body, occurred_at=self.made_at, attachments=attachments
        )
        return added.first, entry_leaf(added.contents[0])

    def _write_rows(self, answer: Check, tenant: Tenant, part: dict[str, Any], index: int) -> None:
        Slice.objects.create(
            check_of=answer,
            tenant=tenant,
            verdict=part["verdict"],
            touches=part["touches"],
            card_touches=part["card_touches"],
            card_seconds=part["card_seconds"],
            index=index,
        )
        rows.insert(
            CheckTotal,
            ("check_of_id", "tenant_id", "rule", "unit", "verdict", "amount"),
            [
                (answer.pk, tenant.pk, rule["rule"], rule["unit"], verdict, amount)
                for rule in part["rules"]
                for verdict, amount in rule["totals"].items()
            ],
        )
        findings = [
            _finding_row(answer, tenant, block)
            for rule in part["rules"]
            for block in rule["blocks"]
        ]
        rows.insert(Finding, FINDING_COLUMNS, findings)


def _finding_row(answer: Check, tenant: Tenant, block: dict[str, Any]) -> tuple[Any, ...]:
    touch, workload = block.get("touch") or block.get("access") or "", block.get("workload") or ""
    start = block["from"] if "from" in block else block["at"]
    amount = block.get("card_seconds", block.get("blocks", 1))
    return (
        answer.pk, tenant.pk, block["rule"], block["verdict"], block["reason"], touch, workload,
        amount, start, block.get("to"), block,
    )  # fmt: skip


def _sizes_at(position: int, trails: Sequence[int]) -> dict[int, int]:
    """The prefix of each trail that holds exactly its facts as of `position` (at least its
    genesis)."""
    facts = Fact.objects.filter(batch__position__lte=position, trail_number__in=trails)
    sizes = dict(
        facts.values_list("trail_number")
        .annotate(Max("index"))
        .values_list("trail_number", "index__max")
    )
    return {trail: sizes.get(trail, 0) + 1 for trail in trails}
