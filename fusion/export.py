"""A learned fusion method as an ONNX file, for C++ and other programs.

`python -m fusion.export METHOD --out fused.onnx`. The graph takes 8-bit images of any size and
gives 8-bit RGB. What it gives is compared with PyTorch on three sizes before the file is kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import torch
from typer import Option

from fusion.apply import onnx_file
from fusion.apply.load import load_any
from pipeline.images.whole import replacing
from pipeline.params import Params
from pipeline.stage.command import stage


@stage
def main(
    params: Params,
    method: str,
    out: Annotated[Path, Option(help="the ONNX file to write")] = Path("fused.onnx"),
) -> None:
    """Export one learned method to ONNX: of params.yaml, or one with weights in the box."""
    graph = onnx_file.graph_of(load_any(params, method))
    with torch.inference_mode(), replacing(out) as partial:
        onnx_file.write(graph, partial)
        most = onnx_file.check(graph, partial)
    print(f"{out}: within {most:.1e} of PyTorch on {len(onnx_file.SIZES)} sizes")


if __name__ == "__main__":
    main()
