"""The tokens of machines."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.models.trail import Trail


class Token(models.Model):
    """A machine's key: it records facts, or reads exactly one trail. Only the SHA-256 of its secret
    is kept.

    `sources` of one that records: the names that it may speak as, in order; null is any, as an
    administrator's. `kinds` of one that records: the kinds of facts that it may send, in order;
    null is any. All times are milliseconds UTC; `last_used_at` is right to some minutes
    (`audit/api/authentication.py`).
    """

    RECORD, READ = "record", "read"

    name = models.CharField(max_length=100)
    digest = models.BinaryField(max_length=32, unique=True)
    purpose = models.CharField(
        max_length=10, choices=[(RECORD, _("record facts")), (READ, _("read one trail"))]
    )
    trail = models.ForeignKey(Trail, on_delete=models.PROTECT, null=True, related_name="tokens")
    sources = models.JSONField(null=True)
    kinds = models.JSONField(null=True)
    made_at = models.BigIntegerField()
    last_used_at = models.BigIntegerField(null=True)
    revoked_at = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose="record", trail__isnull=True)
                | models.Q(
                    purpose="read", trail__isnull=False, sources__isnull=True, kinds__isnull=True
                ),
                name="token_reads_one_trail_or_records",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_authenticated(self) -> bool:
        """A token that authentication let through stands for itself as the request's user."""
        return True

    @property
    def spoken_for(self) -> frozenset[str] | None:
        """The sources as which it may record; None is any."""
        return None if self.sources is None else frozenset(self.sources)

    @property
    def sent_kinds(self) -> frozenset[str] | None:
        """The kinds of facts that it may send; None is any."""
        return None if self.kinds is None else frozenset(self.kinds)
