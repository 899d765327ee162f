"""Region Mutual Information (Zhao et al., NeurIPS 2019) between two images.

A pixel is described by its R×R neighbourhood, d = R² numbers; an image is then a sample of a
d-dimensional random vector. For Gaussian vectors source Y and fused P

    I(Y;P) = H(Y) − H(Y|P) = −½ log( det Σ_{Y|P} / det Σ_Y ),
    Σ_{Y|P} = Σ_Y − Σ_{YP} Σ_P⁻¹ Σ_{YP}ᵀ,

and of all vectors with these covariances that is the paper's lower bound, equation 9. Two things
differ from the segmentation loss it was made for: the paper drops log det Σ_Y because the label
is given, while here it is kept (also constant in training, gradients are the same), so that a
dark crop and a bright one give values of one scale, at least 0; and covariances are means, not
sums, over the pixels, so that the value does not depend on the size of the crop.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

RIDGE = 5e-4
"""Added to the covariances' diagonals, as in the authors' code: variance of (intensity/1)²."""


def _regions(image: Tensor, radius: int) -> Tensor:
    """(N,1,H,W) to centred (N,radius²,pixels) in double precision, as a log det needs."""
    vectors = F.unfold(image.double(), radius)
    return vectors - vectors.mean(dim=2, keepdim=True)


def _log_det(matrix: Tensor) -> Tensor:
    """Log determinants of symmetric positive definite (N,d,d), by Cholesky: twice Σ log diag."""
    factor = torch.linalg.cholesky(matrix)
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
    conditional = sigma_y - sigma_yp @ torch.linalg.solve(sigma_p, sigma_yp.mT)
    return (_log_det(sigma_y) - _log_det(conditional)) / (2 * radius**2)
