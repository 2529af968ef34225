"""Pages of the machine room, of background runs and of receipts."""
