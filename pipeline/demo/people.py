"""People: warm at any hour, dressed in whatever they found."""

import numpy as np

from pipeline.demo.camera import Float
from pipeline.demo.canvas import Colour, Material
from pipeline.demo.world import World, disc, limb

PERSON = 2  # class index

_SKIN = ((0.55, 0.36, 0.27), (0.42, 0.26, 0.18), (0.20, 0.12, 0.08))
_CLOTHES: tuple[Colour, ...] = (
    (0.03, 0.03, 0.04), (0.05, 0.06, 0.12), (0.10, 0.10, 0.10), (0.16, 0.05, 0.05),
    (0.08, 0.10, 0.06), (0.25, 0.22, 0.18), (0.45, 0.45, 0.45), (0.05, 0.12, 0.25),
)  # fmt: skip

Joint = tuple[float, float]


def _warmth(world: World) -> float:
    """Degrees of clothes above air: skin warms them, the cold of the night cools them."""
    return world.road + (world.pick(5, 8) if world.night else world.pick(4, 7))


def _cloth(world: World, warmth: float) -> Material:
    colour = _CLOTHES[world.rng.integers(len(_CLOTHES))]
    return Material(colour, warmth, grain=0.15, warm_grain=0.5, round=0.3)


def person(world: World, x: float, z: float) -> None:
    """A person who stands or walks at (x, z), 1.5 to 1.9 m tall."""
    size, stride = world.pick(0.88, 1.08), world.pick(0.02, 0.24)
    lean = world.pick(-0.03, 0.03)
    hips: Joint = (0, 0.88)
    neck: Joint = (lean, 1.46)
    feet = ((-stride, 0.05), (stride, 0.05))
    knees = ((-0.5 * stride - 0.02, 0.48), (0.5 * stride + 0.05, 0.48))
    swing = stride * 0.9
    hands = ((-0.26 - swing * 0.4, 0.85), (0.26 + swing * 0.4, 0.85))
    figure(world, (x, 0.0, z), size, hips, neck, feet, knees, hands)


def figure(
    world: World,
    place: tuple[float, float, float],
    size: float,
    hips: Joint,
    neck: Joint,
    feet: tuple[Joint, Joint],
    knees: tuple[Joint, Joint],
    hands: tuple[Joint, Joint],
) -> None:
    """A body in the plane that faces the camera.

    Args:
        world: the scene.
        place: x, y, z of the body's origin, m.
        size: factor on all joints.
        hips: joint, m from the origin, as are the others.
        neck: joint.
        feet: joints.
        knees: joints.
        hands: joints.
    """
    x, y, z = place
    warmth = _warmth(world)
    coat, trousers = _cloth(world, warmth), _cloth(world, warmth - 1)
    skin = Material(_SKIN[world.rng.integers(len(_SKIN))], warmth + 4, grain=0.05)
    hair = Material((0.03, 0.02, 0.02), warmth + 1.5, grain=0.2)
    shoes = Material((0.04, 0.04, 0.04), warmth - 2, grain=0.1)

    def put(outline: Float, material: Material) -> None:
        at = np.column_stack((outline * size + (x, y), np.full(len(outline), z)))
        world.fill([at], material, z, PERSON)

    for foot, knee in zip(feet, knees, strict=True):
        put(limb(foot, (foot[0] + 0.08, foot[1]), 0.06, 0.05), shoes)
        put(limb(hips, knee, 0.13, 0.09), trousers)
        put(limb(knee, foot, 0.09, 0.07), trousers)
    put(limb(hips, neck, 0.18, 0.20), coat)
    for hand, side in zip(hands, (-1, 1), strict=True):
        shoulder = (neck[0] + 0.19 * side, neck[1] - 0.06)
        elbow = ((shoulder[0] + hand[0]) / 2 + 0.05 * side, (shoulder[1] + hand[1]) / 2)
        put(limb(shoulder, elbow, 0.085, 0.07), coat)
        put(limb(elbow, hand, 0.07, 0.055), coat)
        put(disc(hand[0], hand[1], 0, 0.05)[:, :2], skin)
    put(limb(neck, (neck[0], neck[1] + 0.12), 0.07, 0.07), skin)
    put(disc(neck[0] + 0.01, neck[1] + 0.20, 0, 0.105, 0.135)[:, :2], skin)
    put(disc(neck[0], neck[1] + 0.27, 0, 0.115, 0.085)[:, :2], hair)
