"""Frozen as text."""
value = [1]
