"""A statement's row as rules read it."""

from typing import Any

import pytest

from sovereignty.loading.statements import histories_of, read_statements, statement_of
from sovereignty.models import CardStatement, Fact, NodeStatement, ledger_order
from sovereignty.plane.world import Grade, Statement
from tests import builders as b


def test_a_value_that_is_open_is_left_out() -> None:
    said_by = 3 << 20 | 7
    statement = statement_of(
        ("node", 5), (100, 1, "cmdb", 9, said_by), {"region": "a", "owner": None}
    )
    assert statement == Statement(
        ("node", 5), 100, Grade.DECLARED, "cmdb", ledger_order(9, said_by), {"region": "a"}
    )
    assert statement.order == 9 << 20 | 7


@pytest.mark.usefixtures("ledger")
def test_statements_come_in_the_order_of_time_and_of_the_ledger() -> None:
    late, first, second = (
        b.stated("node.moved", node="hz-1", region=region, effective_at=at, id=id)
        for id, region, at in (("c", "c-1", 200), ("a", "a-1", 100), ("b", "b-1", 100))
    )
    b.accept_all(late, first, second)
    b.accept_all(
        *(b.correction(fact, replacement=fact, id=f"of-{fact['id']}") for fact in (second, first))
    )
    live = NodeStatement.objects.current()
    said = dict(read_statements(live, "node_id", ["region"]))
    names = dict(Fact.objects.values_list("key", "fact_id"))
    assert [names[key] for key in said] == ["of-b", "of-a", "c"]
    (history,) = histories_of(live, "node_id", ["region"]).values()
    assert history == list(said.values())


@pytest.mark.usefixtures("ledger")
def test_a_card_that_is_replaced_resets_what_was_stated() -> None:
    b.accept_all(b.node("hz-1", "0"), b.stated("card.replaced", node="hz-1", slot="0", model="x2"))
    attributes: list[Any] = ["model", "model"]
    (history,) = histories_of(CardStatement.objects.current(), "card_id", attributes).values()
    assert [(each.resets, dict(each.values)) for each in history] == [
        (False, {}),
        (True, {"model": "x2"}),
    ]
