"""What collectors send becomes facts: CloudEvents, streams of them, traces, site plans."""
