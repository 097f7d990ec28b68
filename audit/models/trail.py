"""Trails and their entries: one RFC 6962 log per tenant, one for the fleet (0), one for the
operator (1).

Entries are append-only: triggers on both engines refuse UPDATE, DELETE and TRUNCATE (migration
`guard_entries`). All times are integer milliseconds UTC.
"""

from django.db import models


class Trail(models.Model):
    """One log and its newest head.

    `owner` is opaque to the ledger (`fleet`, `operator`, `tenant:<key>`). `compact` is the compact
    range of [0, size): 32 bytes a hash, left to right. `secret` keys the pseudonyms that this
    trail's texts use for neighbours; it never leaves the database. What of it is sealed:
    SealedHead.
    """

    number = models.IntegerField(primary_key=True)
    trail_id = models.BinaryField(max_length=32, unique=True)
    owner = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=255)
    secret = models.BinaryField(max_length=32)
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    compact = models.BinaryField()
    received_at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(number__gte=0), name="trail_number_not_negative"
            ),
            models.CheckConstraint(condition=models.Q(size__gte=1), name="trail_holds_its_genesis"),
        ]

    def __str__(self) -> str:
        return f"{self.number}:{bytes(self.trail_id).hex()}"


class Entry(models.Model):
    """One leaf. `content` is the canonical JSON that is hashed behind the entry domain line
    (audit/FORMATS.md)."""

    pk = models.CompositePrimaryKey("trail_number", "index")
    trail_number = models.IntegerField()
    index = models.BigIntegerField()
    kind = models.CharField(max_length=64)
    received_at = models.BigIntegerField()
    leaf_hash = models.BinaryField(max_length=32)
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(index__gte=0), name="entry_index_not_negative"
            )
        ]


class Receipt(models.Model):
    """What one batch added to one trail, written with it; `note` is the signed receipt, set once
    after the commit."""

    trail_number = models.IntegerField()
    first = models.BigIntegerField()
    size = models.BigIntegerField()
    batch_root = models.BinaryField(max_length=32)
    root = models.BinaryField(max_length=32)
    received_at = models.BigIntegerField()
    note = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trail_number", "size"], name="receipt_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("size")), name="receipt_not_empty"
            ),
        ]


class TrailHead(models.Model):
    """A trail's head in an epoch, stored only when it changed."""

    epoch = models.BigIntegerField()
    trail_number = models.IntegerField()
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trail_number", "epoch"], name="head_once_an_epoch")
        ]
        indexes = [models.Index(fields=["epoch", "trail_number"], name="head_by_epoch")]


class Attachment(models.Model):
    """A text too long for an entry: raw bytes under their SHA-256, which the entry names."""

    sha256 = models.BinaryField(max_length=32, primary_key=True)
    content = models.BinaryField()
