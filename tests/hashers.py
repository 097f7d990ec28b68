"""How passwords are hashed before and after a new version of Django made the work more; both quick
enough for tests."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher

BEFORE, AFTER = ["tests.hashers.Before"], ["tests.hashers.After"]


class Before(PBKDF2PasswordHasher):
    iterations = 1000


class After(PBKDF2PasswordHasher):
    iterations = 2000
