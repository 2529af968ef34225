"""The only writers of divisions, marks and bodies."""
