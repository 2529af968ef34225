"""The only writers of report kinds and reports."""
