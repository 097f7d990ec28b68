"""The ledger's two Ed25519 signing keys: one for checkpoints, one for receipts.

Each is a file of one line in Go's note format, readable by its owner alone, in a folder of its own:

    var/keys/log.key         PRIVATE+KEY+ledger.example/a+8f3c21d0+AbH1…
    var/keys/receipts.key    PRIVATE+KEY+ledger.example/a/receipts+09ab44e1+AQx7…

A key is made once, when the ledger has signed nothing with it yet. A key that is missing later is
never replaced silently: customers hold its public half. FORMATS.md sections 1.4, 1.9 and 2.4.
"""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from audit.errors import KeyFileError
from audit.models import Receipt, Seal
from audit.storage import durable
from audit.tlog.errors import NoteError
from audit.tlog.note import Signer
from audit.tlog.receipt import receipts_key_name

LOG_FILE, RECEIPTS_FILE = "log.key", "receipts.key"


def log_signer() -> Signer:
    """Return the key `<origin>` that signs checkpoints. Raises KeyFileError."""
    return _signer(LOG_FILE, settings.LOG_ORIGIN, _has_signed_checkpoints)


def receipts_signer() -> Signer:
    """Return the key `<origin>/receipts` that signs receipts. Raises KeyFileError."""
    return _signer(RECEIPTS_FILE, receipts_key_name(settings.LOG_ORIGIN), _has_signed_receipts)


def trust_text(quorum: str = "none") -> str:
    """Return the trust file that the operator hands to its customers, in tlog-policy syntax: both
    public keys, and the quorum (a group or witness that the customer adds lines for, or none).
    Raises KeyFileError. FORMATS.md 1.9."""
    return (
        f"# The keys of the log {settings.LOG_ORIGIN}: "
        "one signs its checkpoints, one its receipts.\n"
        f"log {log_signer().verifier_key.text()}\n"
        f"log {receipts_signer().verifier_key.text()}\n"
        f"quorum {quorum}\n"
    )


def _has_signed_checkpoints() -> bool:
    return Seal.objects.filter(checkpoint__isnull=False).exists()


def _has_signed_receipts() -> bool:
    return Receipt.objects.filter(note__isnull=False).exists()


def _signer(file_name: str, name: str, has_signed: Callable[[], bool]) -> Signer:
    path = Path(settings.KEYS_DIR) / file_name
    if not path.exists():
        if has_signed():
            raise KeyFileError(
                f"{path} is missing, want the key {name} that has signed for this ledger: "
                "restore it from its backup"
            )
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        durable.create(path, f"{Signer.generate(name).text()}\n".encode(), 0o600)
    signer = _read(path)
    if signer.name != name:
        raise KeyFileError(f"{path} is the key {signer.name}, want {name}, as DOMICILE_ORIGIN says")
    return signer


def _read(path: Path) -> Signer:
    if path.stat().st_mode & 0o077:
        raise KeyFileError(
            f"{path} has the mode {path.stat().st_mode & 0o777:04o}, want 0600: "
            "others must not read it"
        )
    try:
        return Signer.parse(path.read_text().removesuffix("\n"))
    except NoteError as error:
        raise KeyFileError(f"{path}: {error}") from error
