"""What the log's genesis fixed for ever, against what the settings say."""

from django.conf import settings

from audit.errors import NOT_OPEN, LedgerMissing, WrongLedger
from audit.models import Seal
from audit.tlog.heads import LogGenesis, decode_log_genesis


def check_settings() -> LogGenesis:
    """Check that this is the log that the settings mean, and return its genesis. Raises
    LedgerMissing, WrongLedger."""
    row = Seal.objects.filter(epoch=0).first()
    if row is None:
        raise LedgerMissing(NOT_OPEN)
    genesis = decode_log_genesis(bytes(row.record))
    if sentences := differences(genesis):
        raise WrongLedger("; ".join(sentences))
    return genesis


def differences(genesis: LogGenesis) -> list[str]:
    """Return one sentence for each setting that is not what the log was opened with, naming the
    variable and both values."""
    settled = (
        ("DOMICILE_ORIGIN", settings.LOG_ORIGIN, genesis.origin),
        ("DOMICILE_EPOCH_MAXIMUM_MS", settings.LOG_MAXIMUM_MS, genesis.maximum_ms),
    )
    return [
        f"{variable} is {received}, and this ledger is {want} for ever: set it to that"
        for variable, received, want in settled
        if received != want
    ]
