"""A user's own pairs: `data.root` in MSRS's layout, labels and class names optional.

Labels may be left out altogether; the pipeline then stops after the fusion tables. With labels,
`data.classes` names their values in order.
"""

from pathlib import Path

from pipeline.params import DataParams
from pipeline.stage.errors import UserError
from pipeline.stage.home import resolve


def root(data: DataParams) -> Path:
    """`data.root`; a relative one starts in the project.

    Raises:
        UserError: it is not set.
    """
    if data.root is None:
        raise UserError("data.root: not set; dataset folder needs the folder with {train,test}")
    return resolve(data.root)
