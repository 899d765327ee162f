"""Stage `prepare_medical`: check one task's pairs and lay them out as IR/VIS pairs.

`python -m fusion.medical.prepare TASK`.
"""

from __future__ import annotations

from fusion.medical import tasks
from pipeline.data import layout
from pipeline.data.coding import Coding
from pipeline.data.fill import fill
from pipeline.images.whole import whole_folder
from pipeline.params import Params, load_medical
from pipeline.stage.command import stage
from pipeline.stage.errors import UserError
from pipeline.stage.home import resolve


@stage
def main(params: Params, task: str) -> None:
    """Check one medical task's pairs, write data/medical/TASK."""
    target, atlas = tasks.data(task), load_medical().root
    if atlas is None:
        raise UserError("medical/params.yaml: root: not set; the folder with CT-MRI, PET-MRI, ...")
    folder, partner = tasks.FOLDERS[task]
    pairs, problems = layout.scan(resolve(atlas) / folder, ir="mri", vi=partner)
    with whole_folder(target) as directory:
        table = fill(directory, pairs, problems, Coding(()))
    for split, part in table.groupby("split"):
        print(f"{task}: {len(part)} {split} pairs")


if __name__ == "__main__":
    main()
