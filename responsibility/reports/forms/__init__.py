"""Forms of reports and of their kinds."""
