"""Policies: canonical documents, immutable once published. A trigger refuses changes, on both
engines."""

from django.db import models


class Policy(models.Model):
    name = models.CharField(max_length=100)
    version = models.CharField(max_length=40)
    document = models.BinaryField()
    digest = models.BinaryField(max_length=32, unique=True)
    published_at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="policy_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class PolicyInTrail(models.Model):
    """The policy's whole document stands in this trail, as entry `index`."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT)
    trail_number = models.IntegerField()
    index = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "trail_number"], name="policy_once_a_trail")
        ]
