"""The version of a protocol: computed from what it is, so that nobody forgets to change it.

Two results stand beside each other in one order only if the settings of the network, the labels
with their classes, and the code that trains and judges are the same. Each is a short hash; seeds
and threads are left out, for they say how often and how fast, not what is done.
"""

from __future__ import annotations

import json
from typing import Any

from pipeline.data import labels
from pipeline.params import Params
from pipeline.params.segmentation import ONE_FOR_ALL
from pipeline.provenance.fingerprint import fingerprint
from pipeline.provenance.modules import hashes
from pipeline.provenance.stages import MODULES

DIGITS = 8
CODE = {
    "": ("train_segmentation", "evaluate_segmentation"),
    ONE_FOR_ALL: ("train_for_all", "evaluate_for_all"),
}
"""The stages whose code counts, by protocol."""


def _short(content: Any) -> str:
    return fingerprint(json.dumps(content, sort_keys=True))[:DIGITS]


def version(params: Params, network: str, protocol: str) -> dict[str, str]:
    """The version of one network's protocol on the prepared data set.

    Args:
        params: the project's.
        network: an entry of `segmentation.networks`.
        protocol: `paths.RETRAINED` or `ONE_FOR_ALL`.

    Returns:
        `settings` (of the network and protocol), `labels` (of both splits, and the classes),
        `code` (the number that changes with its meaning), and `version`, the three joined by `-`.

    Raises:
        UserError: the data set is not prepared.
    """
    chosen = params.segmentation.of(network).model_dump(mode="json", exclude={"threads"})
    if params.runtime.devices != 1:  # Dice over a process's images is not Dice over all
        chosen["devices"] = params.runtime.devices
    code = [hashes(MODULES[stage]) for stage in CODE[protocol]]
    parts = {
        "settings": _short([protocol, chosen]),
        "labels": _short([labels.read(params.data.directory), params.data.class_names]),
        "code": _short(code),
    }
    return parts | {"version": "-".join(parts.values())}
