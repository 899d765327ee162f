"""Anisotropic diffusion splits base and detail; a Karhunen-Loève transform weighs the details.

D. P. Bavirisetti and R. Dhuli, "Fusion of Infrared and Visible Sensor Images Based on Anisotropic
Diffusion and Karhunen-Loeve Transform", IEEE Sensors Journal 16(1), 2016; the diffusion:
P. Perona and J. Malik, "Scale-Space and Edge Detection Using Anisotropic Diffusion", IEEE TPAMI
12(7), 1990.
"""

from typing import Annotated

import numpy as np
from pydantic import Field

from fusion.methods.base.luminance import Gray, array_method
from fusion.methods.base.registry import Method, register


@register("adf")
def adf(
    iterations: Annotated[int, Field(ge=1, le=200)] = 10,
    step: Annotated[float, Field(gt=0, le=0.25)] = 0.15,
    kappa: Annotated[float, Field(gt=0, le=255)] = 30.0,
    ir_base_weight: Annotated[float, Field(ge=0, le=1)] = 0.5,
) -> Method:
    """Base layers are averaged, details weighted by their principal component.

    Args:
        iterations: of the diffusion.
        step: λ of the diffusion; above 1/4 it would not be stable.
        kappa: gradient, in gray levels of 0 to 255, from which on the diffusion spares an edge.
        ir_base_weight: w₁, the share of IR in the base.
    """

    def fuse_gray(ir: Gray, y: Gray) -> Gray:
        base_ir, base_y = (diffuse(image, iterations, step, kappa / 255) for image in (ir, y))
        detail_ir, detail_y = ir - base_ir, y - base_y
        ir_weight, y_weight = principal_weights(detail_ir, detail_y)
        base = ir_base_weight * base_ir + (1 - ir_base_weight) * base_y
        return base + ir_weight * detail_ir + y_weight * detail_y

    return array_method(fuse_gray)


def diffuse(image: Gray, iterations: int, step: float, kappa: float) -> Gray:
    """Perona-Malik diffusion with g(d) = exp(−(d/κ)²) and no flow over the border.

    Args:
        image: (H,W).
        iterations: number of explicit steps.
        step: λ, at most 1/4.
        kappa: κ, in the image's unit.
    """
    for _ in range(iterations):
        padded = np.pad(image, 1, mode="edge")
        flow = np.zeros_like(image)
        for neighbour in (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]):
            difference = neighbour - image
            flow += np.exp(-((difference / kappa) ** 2)) * difference
        image = image + step * flow
    return image


def principal_weights(ir: Gray, y: Gray) -> tuple[float, float]:
    """Weights of two detail layers: the leading eigenvector of their covariance, summing to 1.

    Magnitudes are taken, for details that oppose each other give components of opposite sign,
    whose sum, the paper's divisor, may vanish; otherwise this is the paper's equation.
    """
    covariance = np.cov(ir.ravel(), y.ravel(), ddof=0)
    _, vectors = np.linalg.eigh(covariance)
    # eigh sorts eigenvalues upwards.
    leading = np.abs(vectors[:, -1])
    ir_weight, y_weight = leading / leading.sum()
    return float(ir_weight), float(y_weight)
