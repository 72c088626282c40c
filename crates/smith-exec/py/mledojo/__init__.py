"""The part of MLE-Dojo that a task's metric.py imports."""
