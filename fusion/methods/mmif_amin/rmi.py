"""Region Mutual Information (Zhao et al., NeurIPS 2019) between two images.

A pixel is described by its R×R neighbourhood, d = R² numbers; an image is then a sample of a
d-dimensional random vector. For Gaussian vectors source Y and fused P

    I(Y;P) = H(Y) − H(Y|P) = −½ log( det Σ_{Y|P} / det Σ_Y ),
    Σ_{Y|P} = Σ_Y − Σ_{YP} Σ_P⁻¹ Σ_{YP}ᵀ,

and −½ log det Σ_{Y|P} is the paper's lower bound up to a constant. Three things differ from the
segmentation loss it was made for: log det Σ_Y is kept (constant in training, so gradients are the
same), for a dark crop and a bright one to give values of one scale, at least 0; covariances are
means, not sums, over the pixels, for the value not to depend on the size of the crop; and the
ridge is larger, see `RIDGE`.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

RIDGE = 0.02
"""Added to the covariances' diagonals: the variance of noise that the region's pixels are seen
through, for intensities in [0,1].

The authors' 5e-4 serves one label. Of two sources, unlike each other, the sum of the informations
is then largest for a fused image that copies one of them (½ log(1 + a²/b²) + ½ log(1 + b²/a²) for
F = aY₁ + bY₂ grows without bound as a or b goes to 0), and so the network learns to: on MRI-CT it
returned the CT. With noise near the variance of an image's regions (0.6 of it, for independent
sources) showing both is worth more than copying one.
"""


def _regions(image: Tensor, radius: int) -> Tensor:
    """(N,1,H,W) to centred (N,radius²,pixels) in double precision, as a log det needs."""
    vectors = F.unfold(image.double(), radius)
    return vectors - vectors.mean(dim=2, keepdim=True)


def _log_det(matrix: Tensor) -> Tensor:
    """Log determinants of symmetric positive definite (N,d,d), by Cholesky: twice Σ log diag."""
    factor = torch.linalg.cholesky_ex(matrix).L  # unchecked: a check would wait for the device
    return 2 * factor.diagonal(dim1=1, dim2=2).log().sum(dim=1)


def region_mutual_information(source: Tensor, fused: Tensor, radius: int = 3) -> Tensor:
    """Lower bound of the mutual information of R×R regions, nats per region pixel.

    Args:
        source: (N,1,H,W) in [0,1].
        fused: (N,1,H,W) in [0,1].
        radius: R, side of the region in pixels; H and W are at least that.

    Returns:
        (N,) double, at least 0; 0 where the regions are linearly independent, and at most
        ½ log(1 + σ²/RIDGE) with σ² the largest variance in any direction of the source's
        regions.
    """
    y, p = _regions(source, radius), _regions(fused, radius)
    ridge = RIDGE * torch.eye(radius**2, dtype=y.dtype, device=y.device)
    pixels = y.shape[2]
    sigma_y = y @ y.mT / pixels + ridge
    sigma_p = p @ p.mT / pixels + ridge
    sigma_yp = y @ p.mT / pixels
    conditional = sigma_y - sigma_yp @ torch.linalg.solve_ex(sigma_p, sigma_yp.mT).result
    return (_log_det(sigma_y) - _log_det(conditional)) / (2 * radius**2)
