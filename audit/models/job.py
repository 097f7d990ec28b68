"""Jobs: the truth about long work. A broker's message only says *look at job N*."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.models.trail import Trail


class Job(models.Model):
    """One piece of work with a lease. Claimed by compare-and-set; a sweep judges by lease only.

    `trail` is whose readers may see it (null: the operator's officers only). `done` and `total`
    count the unit of the kind. Of the jobs with one `dedup_key` at most one is queued or running.
    """

    QUEUED, RUNNING, DONE, FAILED, EXPIRED = "queued", "running", "done", "failed", "expired"
    FAULT = "fault"  # the error of a tenant's job that failed for a reason of ours
    STATES = [
        (QUEUED, _("queued")),
        (RUNNING, _("running")),
        (DONE, _("done")),
        (FAILED, _("failed")),
        (EXPIRED, _("expired")),
    ]

    kind = models.CharField(max_length=40)
    params: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)
    actor = models.CharField(max_length=200)
    dedup_key = models.CharField(max_length=100, blank=True, db_column="once")
    trail = models.ForeignKey(Trail, on_delete=models.PROTECT, null=True)
    state = models.CharField(max_length=10, choices=STATES, default=QUEUED)
    step = models.CharField(max_length=200, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    attempts = models.IntegerField(default=0)
    lease = models.CharField(max_length=64, blank=True)
    lease_until = models.BigIntegerField(default=0)
    made_at = models.BigIntegerField()
    ended_at = models.BigIntegerField(null=True)
    result: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "lease_until"], name="job_by_lease")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["queued", "running", "done", "failed", "expired"]),
                name="job_state_known",
            ),
            models.UniqueConstraint(
                fields=["dedup_key"],
                condition=models.Q(state__in=["queued", "running"]) & ~models.Q(dedup_key=""),
                name="job_once",
            ),
        ]

    def __str__(self) -> str:
        return f"job {self.pk} ({self.kind})"

    @property
    def public_error(self) -> str:
        """What went wrong, in words for whoever may see the job; empty where nothing did."""
        if self.error != self.FAULT:
            return self.error
        message = gettext(
            "This failed because of an error on our side. "
            "The operator finds the cause in the server log, under job %(number)d."
        )
        return message % {"number": self.pk}
