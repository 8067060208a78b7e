"""Figures of a period, computed in SQL: what was opened, answered, sent, and what failed."""
