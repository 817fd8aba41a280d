"""The palette is readable: at least 4.5 for text and 3 for controls, light and dark.

Reads static/css/tokens.css and computes WCAG contrast ratios from its OKLCH colours.
"""

import math
import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"
COLOUR = r"oklch\(([\d.]+) ([\d.]+) (?:([\d.]+)|var\(--hue, 260\))\)"
TOKEN = re.compile(rf"--([\w-]+): light-dark\({COLOUR}, {COLOUR}\)")

STATES = ("ringing", "talking", "held", "missed")
READ_ON = [
    *[(text, ground) for text in ("text", "quiet", "accent") for ground in
      ("surface", "raised", "sunken", "hover")],
    *[(f"{state}-text", ground) for state in STATES for ground in
      ("surface", "raised", "hover", f"{state}-tint")],
    *[(text, f"{state}-tint") for state in STATES for text in ("text", "quiet")],
    ("on-accent", "accent"), ("on-accent", "accent-strong"), ("accent", "accent-tint"),
    ("text", "accent-tint"), ("quiet", "accent-tint"),
    ("on-danger", "danger"), ("on-danger", "danger-strong"),
]  # fmt: skip
SEEN_ON = [
    *[(mark, ground) for mark in ("control-line", "accent", "talking", "held", "missed", "danger")
      for ground in ("surface", "raised")],
]  # fmt: skip

Rgb = tuple[float, float, float]


def linear_rgb(lightness: float, chroma: float, hue: float) -> Rgb:
    """OKLCH to linear sRGB, clipped to what a screen can show (Ottosson's matrices)."""
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return (min(max(red, 0), 1), min(max(green, 0), 1), min(max(blue, 0), 1))


def contrast(one: Rgb, other: Rgb) -> float:
    """The WCAG ratio of two colours, 1 to 21."""
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour: Rgb) -> float:
    red, green, blue = colour
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def palette(theme: str, hue: float = 260) -> dict[str, Rgb]:
    """Every colour token of one theme; `hue` stands in for the avatars' own."""
    colours = {}
    for name, *numbers in TOKEN.findall(TOKENS.read_text()):
        chosen = numbers[:3] if theme == "light" else numbers[3:]
        colours[name] = linear_rgb(float(chosen[0]), float(chosen[1]), float(chosen[2] or hue))
    return colours


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), READ_ON)
def test_text_can_be_read(theme: str, text: str, ground: str) -> None:
    colours = palette(theme)
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), SEEN_ON)
def test_controls_can_be_seen(theme: str, mark: str, ground: str) -> None:
    colours = palette(theme)
    assert contrast(colours[mark], colours[ground]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("hue", range(0, 360, 30))
def test_initials_can_be_read_on_every_tint(theme: str, hue: int) -> None:
    colours = palette(theme, hue)
    assert contrast(colours["avatar-text"], colours["avatar"]) >= 4.5
