"""The rows of MMIF-AMIN's ablation tables, as entries of `params.yaml` or `medical/params.yaml`."""

from pathlib import Path
from typing import Any

import yaml


def variants() -> dict[str, dict[str, Any]]:
    """Entries by name, see `variants.yaml`."""
    content = Path(__file__).with_name("variants.yaml").read_text(encoding="utf-8")
    entries: dict[str, dict[str, Any]] = yaml.safe_load(content)
    return entries
