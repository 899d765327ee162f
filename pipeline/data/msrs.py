"""MSRS: 1083 train and 361 test pairs of road scenes, 640x480, day and night, nine classes.

Multi-Spectral Road Scenarios, made from MFNet's images (Ha et al., IROS 2017) by Tang et al.,
"PIAFusion: A progressive infrared and visible image fusion network based on illumination aware",
Information Fusion 83-84, 2022. Files: https://github.com/Linfeng-Tang/MSRS, whose licence holds
for them; none of them is part of this project.
"""

import hashlib
from pathlib import Path

from pipeline.data.fetch import fetch
from pipeline.params import DataParams
from pipeline.stage.home import resolve

FETCHED = Path("data/.fetched")


def root(data: DataParams) -> Path:
    """Folder with `{train,test}/{ir,vi,Segmentation_labels}`: `data.root`, else fetched once.

    What was fetched is kept in the project, outside the stage's output, one folder a url.

    Raises:
        UserError: it could not be fetched.
    """
    if data.root is not None:
        return resolve(data.root)
    mark = hashlib.sha256(data.url.encode()).hexdigest()[:8]
    return fetch(data.url, resolve(FETCHED / f"msrs-{mark}"))
