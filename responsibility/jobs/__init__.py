"""Background runs, dead letters, receipts, idempotency keys."""
