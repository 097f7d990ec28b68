"""Seals: one closed epoch each, a leaf of the global log with its signed checkpoint."""

from django.db import models


class Seal(models.Model):
    """Epoch `epoch` (0 is the log's genesis): the record's exact bytes, and the checkpoint note of
    size epoch + 1.

    `checkpoint` is null only between the commit of the record and its publication; a pending epoch
    is retried with identical bytes. `compact` is the compact range of the global log up to and with
    this record; epoch 0, whose record is the only leaf, needs none.
    """

    epoch = models.BigIntegerField(primary_key=True)
    record = models.BinaryField()
    closed_at = models.BigIntegerField()
    trails = models.IntegerField()
    root = models.BinaryField(max_length=32)
    compact = models.BinaryField(default=b"")
    checkpoint = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(epoch__gte=0), name="epoch_not_negative")
        ]

    def __str__(self) -> str:
        return f"epoch {self.epoch}"


class SealedHead(models.Model):
    """A trail's newest sealed head and the compact range that goes on from it.

    Beside the trail and not on it: a seal that wrote to trail rows would make every append wait.
    """

    trail_number = models.IntegerField(primary_key=True)
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    compact = models.BinaryField()
