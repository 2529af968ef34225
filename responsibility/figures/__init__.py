"""The indicator dictionary and the one ledger of numbers."""
