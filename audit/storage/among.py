"""The lookup `among`: membership of a column in a collection of any length.

    Fact.objects.filter(key__among=keys)

The values are one parameter, an array on PostgreSQL and a JSON list on SQLite, which bounds the
number of parameters. Django's `in` binds each value by itself. Values are as the database holds
them: text or whole numbers. A set is passed on as it is, where Django looks into each member of a
list. `audit.apps` registers it.
"""

import json
from collections.abc import Collection
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Lookup


class Among(Lookup):
    """`column = ANY(array)`, or `column IN (SELECT value FROM json_each(list))`."""

    lookup_name = "among"
    prepare_rhs = False
    rhs: Collection[Any]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The condition and its parameters. Raises EmptyResultSet for no values: then the database
        is not asked."""
        if not self.rhs:
            raise EmptyResultSet
        column, params = self.process_lhs(compiler, connection)
        values = list(self.rhs)
        if connection.vendor == "postgresql":
            return f"{column} = ANY(%s)", (*params, values)
        return f"{column} IN (SELECT value FROM json_each(%s))", (*params, json.dumps(values))  # noqa: S608 - no values in it
