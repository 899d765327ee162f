"""The page's template, style and scripts."""

from pathlib import Path

FILES = Path(__file__).parent
