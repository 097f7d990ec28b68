"""Batches and facts: what was accepted, from whom, and where it stands in the ledger.

These two tables and the entries are the truth; every other table of the domain is a projection that
`manage.py rebuild` makes again. A fact's key is `batch << ORDINAL_BITS | line`, so that keys are
known before a row is written, are never reused, and order facts within their batch.
"""

from django.db import models

ORDINAL_BITS = 20


class Batch(models.Model):
    """Facts committed together. `position` is the rank of the commit; null only inside the batch's
    own transaction."""

    position = models.BigIntegerField(unique=True, null=True)
    received_at = models.BigIntegerField()
    door = models.CharField(max_length=40)  # the channel: "api", "command", …
    actor = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"batch at position {self.position}"


class Fact(models.Model):
    """One accepted fact: its identity (source, id), its digest, and the entry that holds its
    body."""

    key = models.BigIntegerField(primary_key=True)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, db_index=False)
    source = models.CharField(max_length=200)
    fact_id = models.CharField(max_length=200)
    digest = models.BinaryField(max_length=32)
    kind = models.CharField(max_length=64)
    trail_number = models.IntegerField()
    index = models.BigIntegerField()
    sequence = models.BigIntegerField(null=True)
    occurred_at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "fact_id"], name="fact_once"),
            models.UniqueConstraint(
                fields=["trail_number", "index"], name="fact_has_its_own_entry"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}/{self.fact_id}"
