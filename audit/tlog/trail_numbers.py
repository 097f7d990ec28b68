"""The numbers of the two trails that every log has; a tenant's trail counts on from there.
audit/FORMATS.md section 3."""

from typing import Final

FLEET_NUMBER: Final = 0
OPERATOR_NUMBER: Final = 1
