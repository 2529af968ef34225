"""Programmes, regulations and their clauses."""
