"""What the assessments do."""
