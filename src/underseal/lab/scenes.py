"""The pictures of the laboratory's videos: small seeded worlds, drawn frame by frame.

A scene is a number: it chooses the kind of world and every colour, place and speed in it. Two
scenes look different to people and to perceptual hashes, also where they are of one kind.
"""

import colorsys
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.uint8]
"""[height, width, 3], RGB."""

Field: TypeAlias = NDArray[np.floating]
"""A number, or a colour of three numbers in [0, 1], for each pixel."""

Draw: TypeAlias = Callable[[float, Field, Field], Field]
"""From seconds, a row of x and a column of y, both in [0, 1), to the colours of a picture."""


SUN: Final = 0.13
GLOSS: Final = 0.2
PANE: Final = 0.3
LIT: Final = 0.4
"""What the worlds are made of: radii of the sun and of a ball's gloss, half of a window's width,
and the share of windows that are lit."""


def draw_scene(
    scene: int, *, seconds: float, size: tuple[int, int], fps: float
) -> Iterator[Picture]:
    """Draw the pictures of a scene, one by one, at width and height `size`."""
    width, height = size
    draw = KINDS[scene % len(KINDS)](np.random.default_rng(scene), height / width)
    y, x = np.meshgrid(
        np.linspace(0, 1, height, endpoint=False, dtype=np.float32),
        np.linspace(0, 1, width, endpoint=False, dtype=np.float32),
        indexing="ij",
        sparse=True,
    )
    for i in range(round(seconds * fps)):
        yield (np.clip(draw(i / fps, x, y), 0, 1) * 255).astype(np.uint8)


def _palette(random: Generator) -> Callable[[Field], Field]:
    """Choose a closed walk through four colours, from dark to light, repeating every 1."""
    hues = random.random() + np.cumsum(random.uniform(0.1, 0.3, 4))
    stops = [
        colorsys.hsv_to_rgb(hue % 1, random.uniform(0.45, 0.95), value)
        for hue, value in zip(hues, (0.2, 0.5, 0.85, 1.0), strict=True)
    ]
    stops.append(stops[0])
    places = np.linspace(0, 255, len(stops))
    table = np.stack(
        [np.interp(np.arange(256), places, channel) for channel in zip(*stops, strict=True)],
        axis=-1,
    ).astype(np.float32)

    def colour(at: Field) -> Field:
        chosen: Field = table.take((at * 256).astype(np.int32) & 255, axis=0)
        return chosen

    return colour


def _flat(colour: Callable[[Field], Field], at: float) -> Field:
    """Return one colour of a palette."""
    return colour(np.array(at, np.float32))


def _between(random: Generator, low: float, high: float, *shape: int) -> Field:
    """Draw numbers by chance; single precision, or every picture would be computed in double."""
    drawn: Field = random.uniform(low, high, shape).astype(np.float32)
    return drawn


def _hills(random: Generator, _tall: float) -> Draw:
    """Ranges of hills that pass at different speeds under a low sun."""
    colour, sun = _palette(random), (_between(random, 0.1, 0.9), _between(random, 0.05, 0.35))
    count = 5
    ridges = np.sort(_between(random, 0.3, 0.95, count))
    heights, waves = _between(random, 0.02, 0.09, count, 3), _between(random, 3, 16, count, 3)
    phases, speeds = _between(random, 0, 6, count, 3), _between(random, -0.4, 0.4, count)

    def draw(t: float, x: Field, y: Field) -> Field:
        picture = colour(0.75 - 0.35 * y + 0 * x)
        picture[np.hypot(x - sun[0] - 0.02 * t, (y - sun[1]) * 1.6) < SUN] = (1, 0.96, 0.8)
        for i in range(count):
            swings = np.sin(waves[i, :, None] * (x[0] + speeds[i] * t) + phases[i, :, None])
            picture[y > ridges[i] + heights[i] @ swings] = _flat(colour, 0.6 - 0.13 * i)
        return picture

    return draw


def _balls(random: Generator, tall: float) -> Draw:
    """Glossy balls that bounce off the edges."""
    colour, count = _palette(random), 9
    starts, speeds = _between(random, 0, 1, count, 2), _between(random, -0.35, 0.35, count, 2)
    radii, tints = _between(random, 0.07, 0.24, count), _between(random, 0, 1, count)

    def draw(t: float, x: Field, y: Field) -> Field:
        picture = colour(0.3 * x + 0.5 * y) * np.float32(0.5)
        for i in range(count):
            place = 1 - np.abs((starts[i] + speeds[i] * t) % 2 - 1)
            away_x, away_y = (x - place[0]) / radii[i], (y - place[1]) * tall / radii[i]
            box = np.ix_(np.abs(away_y[:, 0]) < 1, np.abs(away_x[0]) < 1)
            away_x, away_y = away_x[:, box[1][0]], away_y[box[0][:, 0]]
            inside = away_x**2 + away_y**2 < 1
            shade = np.hypot(away_x + 0.35, away_y + 0.35)[..., None]
            ball = _flat(colour, tints[i]) * (1.2 - 0.55 * shade) + 0.5 * (shade < GLOSS)
            picture[box] = np.where(inside[..., None], ball, picture[box])
        return picture

    return draw


def _rings(random: Generator, tall: float) -> Draw:
    """Waves from three sources that cross, in bands of colour."""
    colour, places = _palette(random), _between(random, 0, 1, 3, 2)
    densities, speeds = _between(random, 8, 26, 3), _between(random, 1, 4, 3)

    def draw(t: float, x: Field, y: Field) -> Field:
        swell = 0 * x + 0 * y
        for place, density, speed in zip(places, densities, speeds, strict=True):
            swell += np.sin(np.hypot(x - place[0], (y - place[1]) * tall) * density - speed * t)
        return colour(np.floor(swell * 2) / 8 + 0.4)

    return draw


def _tunnel(random: Generator, tall: float) -> Draw:
    """A winding tunnel of coloured tiles."""
    colour, tiles = _palette(random), 2 * int(random.integers(3, 7))
    speed, twist = _between(random, 0.3, 0.9), _between(random, -1.5, 1.5)
    middle, sway = _between(random, 0.3, 0.7, 2), _between(random, 0.05, 0.2, 2)

    def draw(t: float, x: Field, y: Field) -> Field:
        away_x = x - middle[0] - sway[0] * np.sin(0.9 * t)
        away_y = (y - middle[1] - sway[1] * np.cos(0.7 * t)) * tall
        away = np.hypot(away_x, away_y) + np.float32(0.02)
        depth = 0.5 / away + speed * t
        turn = np.arctan2(away_y, away_x) / (2 * np.pi) + twist * 0.1 * depth
        tile = (np.floor(depth * 3) + np.floor(turn * tiles)) % 2
        light = np.clip(away * 2.2, 0.05, 1)[..., None]
        shine: Field = (0.35 + 0.65 * tile[..., None]) * light
        return colour(0.15 * depth + 0.45 * tile) * shine

    return draw


def _city(random: Generator, _tall: float) -> Draw:
    """A street of lit windows at night, passing by in two rows."""
    colour, rows = _palette(random), 2
    roofs, lights = _between(random, 0.1, 0.75, rows, 64), _between(random, 0, 1, rows, 64, 64)
    widths, speeds = _between(random, 4, 9, rows), _between(random, 0.1, 0.4, rows)

    def draw(t: float, x: Field, y: Field) -> Field:
        picture = colour(0.1 + 0.35 * y + 0 * x) * np.float32(0.8)
        for i in range(rows):
            along = (x + speeds[i] * (-t if i else t)) * widths[i] + 64
            floor = (y * 40).astype(np.int32)
            wall = y > roofs[i][along.astype(np.int32) % 64] + 0.2 * i
            pane = (np.abs(along * 5 % 1 - 0.5) < PANE) & (np.abs(y * 40 % 1 - 0.5) < PANE)
            lit = lights[i][(along * 5).astype(np.int32) % 64, floor] < LIT
            picture[wall] = _flat(colour, 0.05 + 0.12 * i)
            picture[wall & pane & lit] = _flat(colour, 0.75)
        return picture

    return draw


def _sparks(random: Generator, tall: float) -> Draw:
    """Fireworks over a darkening sky."""
    colour, bursts, count = _palette(random), 7, 120
    places, starts = _between(random, 0.15, 0.85, bursts, 2), _between(random, -1.2, 5, bursts)
    aims = random.normal(0, 0.22, (bursts, count, 2)) / (1, tall)

    def draw(t: float, x: Field, y: Field) -> Field:
        picture = colour(0.05 + 0.2 * y + 0 * x) * np.float32(0.7)
        height, width = y.size, x.size
        size = max(1, width // 60)
        for i in range(bursts):
            age = (t - starts[i]) % 2.5
            flight = places[i] + aims[i] * (1 - np.exp(-3 * age)) + (0, 0.06 * age**2)
            flight = flight[((flight >= 0) & (flight < 1)).all(axis=1)]
            for column, row in (flight * (width, height)).astype(np.int32):
                spark = picture[row : row + size, column : column + size]
                spark[:] = _flat(colour, 0.5 + 0.07 * i) * max(0.25, 1.3 - 0.5 * age)
        return picture

    return draw


KINDS: Final = (_hills, _balls, _rings, _tunnel, _city, _sparks)
"""The kinds of world; each is built from its own chances and how tall the picture is by width."""
