"""Seals: one closed epoch each, a leaf of the global log with its signed checkpoint."""

from django.db import models


class Seal(models.Model):
    """Epoch `epoch` (0 is the log's genesis): the record's exact bytes, and the checkpoint note of size epoch + 1.

    `checkpoint` is null only between the commit of the record and its publication; a pending epoch is retried with
    identical bytes.
    """

    epoch = models.BigIntegerField(primary_key=True)
    record = models.BinaryField()
    closed_at = models.BigIntegerField()
    trails = models.IntegerField()
    root = models.BinaryField(max_length=32)
    checkpoint = models.BinaryField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(epoch__gte=0), name="epoch_not_negative")]

    def __str__(self) -> str:
        return f"epoch {self.epoch}"
