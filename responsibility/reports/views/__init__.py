"""Pages of reports and of their kinds."""
