"""The only writers of indicators and of the ledger of numbers."""
