"""Figures: one drawing a file, and the pictures of the report with their words."""
