"""How often signing in failed, so that guessing is slow. Shared by all web processes, and forgotten
after a while."""

from django.db import models


class SignInTries(models.Model):
    """The tries under one key: a name, an address or a browser that is known, as SHA-256. Times in
    milliseconds since 1970 UTC."""

    key = models.CharField(max_length=80, primary_key=True)
    count = models.IntegerField(default=0)
    last_at = models.BigIntegerField(default=0)
    until = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["last_at"], name="sign_in_tries_by_age")]

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
