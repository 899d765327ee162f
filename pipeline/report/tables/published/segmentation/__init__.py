"""Segmentation scores that papers and repositories print, as data; see docs/published.md."""
