"""Submission, review and return: abstract, without tables."""
