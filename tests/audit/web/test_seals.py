"""Epochs, checkpoints and the trust file as pages."""

import pytest
from pytest_django import Settings

from audit import clock
from audit.log.keys import trust_text
from audit.models import Seal
from audit.seal import seal
from tests import cast
from tests.audit.ledger import tenant_trail, write

pytestmark = pytest.mark.usefixtures("ledger")


def test_says_that_nothing_is_sealed_yet() -> None:
    page = cast.signed_in(cast.olga()).get("/seals/").content.decode()
    assert "Nothing has been sealed yet. The first seal closes epoch 1." in page


def test_lists_epochs_and_shows_the_signed_checkpoint() -> None:
    write(tenant_trail("hospital").number)
    closed = seal(actor="olga")
    olga = cast.signed_in(cast.olga())
    assert 'href="/seals/1/"' in olga.get("/seals/").content.decode()
    page = olga.get("/seals/1/").content.decode()
    note = bytes(closed.checkpoint or b"")
    assert note.decode().splitlines()[2] in page
    assert "<dt>Trails in it</dt>" in page
    answer = olga.get("/seals/1/checkpoint")
    assert answer.content == note
    assert answer["Content-Disposition"] == 'attachment; filename="checkpoint-2.txt"'


def test_a_reader_sees_its_own_trails_heads_and_no_count_of_others() -> None:
    hospital = tenant_trail("hospital")
    write(tenant_trail("ministry").number)
    seal(actor="olga")
    page = cast.signed_in(cast.reader("ada", hospital)).get("/seals/1/").content.decode()
    assert "hospital" in page
    assert "ministry" not in page
    assert "Trails in it" not in page


def test_an_epoch_without_news_for_the_reader_says_so() -> None:
    hospital = tenant_trail("hospital")
    seal(actor="olga")
    seal(actor="olga")
    page = cast.signed_in(cast.reader("ada", hospital)).get("/seals/2/").content.decode()
    assert "None of the trails that you may read had a new entry in this epoch." in page


def test_an_epoch_that_is_not_published_is_not_found() -> None:
    seal(actor="olga")
    Seal.objects.filter(epoch=1).update(checkpoint=None)
    olga = cast.signed_in(cast.olga())
    assert olga.get("/seals/1/").status_code == 404
    assert olga.get("/seals/1/checkpoint").status_code == 404
    assert olga.get("/seals/7/").status_code == 404


def test_a_seal_that_is_late_is_called_late(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = seal(actor="olga")
    olga = cast.signed_in(cast.olga())
    assert "older than the log promises" not in olga.get("/seals/").content.decode()
    late = closed.closed_at + settings.LOG_MAXIMUM_MS + 1
    monkeypatch.setattr(clock, "read_ns", lambda: late * 1_000_000)
    assert "older than the log promises" in olga.get("/seals/").content.decode()


def test_hands_out_the_trust_file() -> None:
    answer = cast.signed_in(cast.olga()).get("/trust.txt")
    assert answer.content.decode() == trust_text()
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
