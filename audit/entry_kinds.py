"""The kinds of the entries that the ledger itself writes. Writers, readers and sentences name them
from here. audit/FORMATS.md section 3.1."""

from typing import Final

PERSON_MADE: Final = "person.made/v2"
PERSON_GIVEN: Final = "person.given/v1"
PERSON_TAKEN: Final = "person.taken/v1"
PERSON_DEACTIVATED: Final = "person.deactivated/v1"
PERSON_REACTIVATED: Final = "person.reactivated/v1"
PASSWORD_SET: Final = "person.password_set/v2"  # noqa: S105 - the name of a kind
PASSWORD_REHASHED: Final = "person.password_rehashed/v1"  # noqa: S105
PASSWORD_RECORDED: Final = "person.password_told/v1"  # noqa: S105
# Entries of before fingerprints: nobody can say which password they speak of.
PERSON_MADE_V1: Final = "person.made/v1"
PASSWORD_SET_V1: Final = "person.password_set/v1"  # noqa: S105

TOKEN_ISSUED: Final = "token.issued/v1"  # noqa: S105
TOKEN_REVOKED: Final = "token.revoked/v1"  # noqa: S105

KEY_OPENED: Final = "key.opened/v1"
SECOND_STORE_ADOPTED: Final = "second_store.adopted/v1"
EXPORT_MADE: Final = "export.made/v1"
