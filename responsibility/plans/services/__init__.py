"""Writers and readers of plans."""
