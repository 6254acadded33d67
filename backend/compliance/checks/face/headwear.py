"""HEADWEAR: no hat, cap or scarf (R19). A person always decides: some have a good reason to wear one."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.colour import chroma_of, difference
from backend.compliance.face import BROW_LINES, CHEEKS, FOREHEAD, GLABELLA, OVAL, Face
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey, Mask
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median, median_colour, percentile, row_percentiles
from backend.compliance.regions import FACTOR, Regions
from backend.compliance.standard import Rule

BESIDE = 0.42  # face widths left and right of the axis
FEWEST = 80
BETWEEN_BROWS = 9
ABOVE_BROWS = 0.04  # face lengths over it, where rows end
AS_SKIN = 12.0  # CIEDE2000: a bald head
HAIR_SPREAD = 7.0  # L*: the least that hair, with its strands and shine, was seen to vary
STRONG, DYED = 28.0, 43.0  # a* with b*: what natural hair has at most, and red hair with its strands
RED_HAIR = 0.55, 2.5  # b* over a*
STRANDS = 0.05  # of SMOOTH: what hair surely has
SMOOTH = 0.044  # fine detail over lightness: strands show at least 0.048, cloth up to 0.045
BAND_COLUMNS, BAND_HEIGHT = 0.28, 0.06  # face widths beside the axis; of the face's length
ONE_COLOUR = 8.0  # a* with b*, of three quarters of a row
CLOTH = 0.9, 0.8  # of a row's colour: skin and hair reach 0.9, bands begin at 1.8
PLAIN = 0.09, 0.03  # spread of lightness over its mean: hair from 0.1, felt up to 0.062; the limit lies at 0.075
CLOTH_TONE = 20.0, 65.0  # L* between which hair is not even by itself: it is black below, and lost in the light above
OFF_SKIN, OFF_HAIR = (0.12, 16.0), 12.0  # of a* and b* over L*, and CIELAB; CIELAB, from what lies above
GREY, DARKER = 0.35, 18.0  # of the skin's tint; L* below the skin's
# the same below the hairline: bare foreheads and fringes from 0.1, cloth mostly up to 0.07; the limit lies at 0.077
PLAIN_BELOW = 0.092, 0.03
SHADED, TINTED = 0.82, ((0.18, 1.05), (0.3, 9.0))  # of the face's L*; of a* and b* over L*, up to that share of its L*
# of a* and b* over L*: off the skin between the brows and off the cheeks, up to that share of their L*
TINTED_BOTH = 0.17, 0.1, 1.1
NO_CHEEKS = 0.45  # of a* and b* over L*, off the skin between the brows: a mask
MILD = 26.0  # a* with b*: stronger colours are left to the rows of one foreign colour
STEP = 5.0  # least step between rows, CIELAB with its channels added up
HEM_ABOVE, HEM_COLUMNS = 0.14, 0.3  # face lengths over the hairline from which a hem lies; face widths beside the axis
# rows at half size by which a hem bends and leans at its ends
CURVES = np.arange(-1.5, 7, 1.5), np.linspace(-2.4, 2.4, 5)
BELOW_BROWS = 2.0  # rows at half size below the mesh's line of the brows: caps are worn down to them
HIGHEST = 10  # of both together
ENOUGH_VOTES, HEMS = 0.45, 2  # of the columns, before a curve is looked at; how many curves are
NEAR_HEM, HEM_ERROR = 1.2, 0.35  # rows at half size: what a curve is fitted to, and what lies on it
SAME_STEP = 0.4  # cosine: from cloth to skin all along
IN_SHADE = 0.5  # of the face's L*: skin below a hem has more, and the other side of a fringe or a band less
HEM = 0.54, 0.36  # of the columns: hairlines reach 0.62, caps and bands mostly 0.9; the limit lies at 0.72
# something coloured in the hair, on every second pixel at half size
FOREIGN = 16.0  # of a* and b*, from every mixture of hair, skin, wall and grey: right pictures have no such piece
LIT_HAIR = 2.5  # of the hair's a* and b*: strands in the light have more of its colour
GRID, TINTS = 2.5, 64  # of a* and b*, and so many steps: tints are looked up
ORNAMENT = 15  # of those pixels: right pictures have up to 4, a clip 19 to 24, a bow or a band from 40
ABOVE_HEAD, BESIDE_HEAD = 18, 0.7  # pixels at half size over the top of the head; face widths beside the axis
FOREHEAD_SKIN = 14.0, 9.0  # L*, and a* with b*: what is as near to the skin between the brows is bare forehead


def measure(
    dome: Grey, skin: tuple[float, float, float], tint: tuple[float, float], detail: float | None = None
) -> float:
    """How little the part above the forehead looks like hair: 0 hair or bald .. 1 surely not.

    dome: (n, 3) CIELAB above the forehead. skin: the face's colour. tint: shift of the picture's own colours in a*
    and b*, taken out first. detail: see `strands`. Hair varies in lightness and is between black, brown, red, blond and
    grey; cloth is even, or without strands, or white, or has a colour that hair has not.
    Source: R19, 教毕指〔2017〕99号; limits ours.
    """
    lightness, a, b = median_colour(dome)
    spread = float(dome[:, 0].std())
    # bare skin shines, or has the hue of the face; a cap of nearly its colour does neither
    if difference((lightness, a, b), skin) < AS_SKIN and (detail is None or spread > HAIR_SPREAD):
        return 0.0
    even = (HAIR_SPREAD - spread) / 3
    a, b = a - tint[0], b - tint[1]
    blue_or_green = max(-4 - b, -4 - a) / 8
    bright = (float(np.hypot(a, b)) - (DYED if _as_dyed(a, b, spread, detail) else STRONG)) / 10
    white = min((lightness - 76) / 8, (12 - float(np.hypot(a, b))) / 6)
    plain = 0.0 if detail is None else 0.5 + (SMOOTH - detail) / 0.02
    return float(np.clip(max(even, plain, blue_or_green, bright, white), 0, 1))


def _as_dyed(a: float, b: float, spread: float, detail: float | None) -> bool:
    """Whether a strong colour may be that of ginger or dyed hair: warm, with shine and strands."""
    warm = a > 0 and RED_HAIR[0] * a < b < RED_HAIR[1] * a
    return warm and spread > HAIR_SPREAD and detail is not None and detail > STRANDS


def strands(regions: Regions, dome: Mask, skin: tuple[float, float, float]) -> float | None:
    """Fine detail of what covers the head, over its lightness; None when most of it is bare skin."""
    x, y, width, height = cv2.boundingRect(dome.view(np.uint8))
    rows, columns = slice(y, y + height), slice(x, x + width)
    lab, fine, dome = regions.lab[rows, columns], regions.whole.detail[rows, columns], dome[rows, columns]
    far, hue = FOREHEAD_SKIN
    bare = (np.abs(lab[..., 0] - skin[0]) < far) & (chroma_of(lab[..., 1] - skin[1], lab[..., 2] - skin[2]) < hue)
    covered = dome & ~bare
    if np.count_nonzero(covered) < 2 * FEWEST:
        return None
    return percentile(fine[covered], 70) / max(8.0, median(lab[..., 0][covered]))


def dome_of(regions: Regions, face: Face, top: float) -> Mask:
    """The person between the head top and the hairline of the mesh, near the axis, at half size."""
    height, width = regions.person.shape
    rows, columns = np.arange(height)[:, None], np.arange(width)[None, :]
    hairline = (face.point(FOREHEAD)[1] - 0.02 * face.width) * FACTOR
    near = np.abs(columns - face.axis * FACTOR) < BESIDE * face.width * FACTOR
    return np.asarray(regions.person & near & (rows < hairline) & (rows > top * FACTOR + 3))


def ornament(regions: Regions, face: Face, top: float, colours: tuple[tuple[float, float, float], ...]) -> int:
    """Pixels of the largest piece on head and hair, every second one at half size, in a colour that is of neither.

    A clip, a bow, a hairband, headphones. colours: of hair, skin and wall. Their mixtures and all greys belong to the
    head; so black and white things are not seen. top: row of the head's top.
    """
    first, last = max(0, int(top * FACTOR) - ABOVE_HEAD), max(0, int(face.eye_middle[1] * FACTOR))
    columns = _columns(face, BESIDE_HEAD)
    place = slice(first, last, 2), slice(columns.start, columns.stop, 2)
    lab = regions.lab[place]
    if min(lab.shape[:2]) < 3:
        return 0
    head = cv2.dilate(regions.person[place].astype(np.uint8), np.ones((3, 3), np.uint8))
    oval = (face.polygon(OVAL) * FACTOR - (columns.start, first)) / 2
    cv2.fillPoly(head, [np.round(oval).astype(np.int32)], 0)
    places = np.clip(lab[..., 1:] * (1 / GRID) + (TINTS / 2 + 0.5), 0, TINTS - 1).astype(np.intp)
    pieces = np.where(_foreign(colours)[places[..., 0], places[..., 1]], head, 0).astype(np.uint8)
    opened = cv2.morphologyEx(pieces, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    if not opened.any():
        return 0
    _, _, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
    return int(stats[1:, cv2.CC_STAT_AREA].max())


def _foreign(colours: tuple[tuple[float, float, float], ...]) -> Mask:
    """(TINTS, TINTS) over a* and b* in steps of GRID: where no mixture of hair, skin, wall and grey comes near."""
    lit = (0.0, *(LIT_HAIR * part for part in colours[0][1:]))
    hair, skin, wall, bright, grey = (
        [round(part / GRID + TINTS / 2) for part in colour[1:]] for colour in (*colours, lit, (0, 0, 0))
    )
    table = np.ones((TINTS, TINTS), np.uint8)
    for end, other in ((hair, skin), (hair, wall), (skin, wall), (bright, grey), (skin, grey)):
        cv2.line(table, end[::-1], other[::-1], 0, round(2 * FOREIGN / GRID))  # a line's column comes before its row
    return table > 0


def band(rows: Grey, skin: tuple[float, float, float], tint: tuple[float, float], height: int) -> float:
    """How surely a coloured or white band lies over hairline or forehead: 0 none .. 1.

    rows: (h, w, 3) CIELAB near the axis from the head top to above the brows; height: rows that a band has at least.
    skin, tint: as in `measure`. A row counts that is of one colour from side to side, a colour that neither the skin
    nor hair has; black, brown and grey bands are taken for hair.
    """
    if len(rows) < height:
        return 0.0
    channels = np.ascontiguousarray(rows.transpose(2, 0, 1))
    colour = np.stack([row_percentiles(channel, 50) for channel in channels], axis=1)
    apart = np.abs(channels[1] - colour[:, 1:2]) + np.abs(channels[2] - colour[:, 2:])
    even = row_percentiles(apart, 75) < ONE_COLOUR
    lightness, a, b = colour[:, 0], colour[:, 1] - tint[0], colour[:, 2] - tint[1]
    strong = np.hypot(a, b)
    from_skin = np.hypot(colour[:, 1] - skin[1], colour[:, 2] - skin[2])
    bright = np.minimum((strong - 28) / 10, (from_skin - 18) / 8)
    white = np.minimum(np.minimum(lightness - 76, lightness - skin[0] + 2) / 8, (12 - strong) / 6)
    foreign = np.where(even, np.maximum(np.maximum(bright, np.maximum(-4 - b, -4 - a) / 8), white), 0.0)
    least = np.lib.stride_tricks.sliding_window_view(foreign, height).min(axis=1)
    none, sure = CLOTH
    return float(np.clip((float(least.max()) - none) / sure, 0, 1))


def even(
    rows: Grey, person: Mask, skin: tuple[float, float, float], cheeks: tuple[float, float, float], height: int,
    hairline: float,
) -> float:  # fmt: skip
    """How surely an even band or cap lies over hairline or forehead: 0 none .. 1.

    rows, skin, height: as in `band`; person: as in `hem`; cheeks: their colour; hairline: the row of the mesh's
    hairline. So many rows that hardly vary in lightness: above the hairline with another tint than skin and another
    colour than the hair above, because hair of such a tone has strands and shine; below it, where only skin should be,
    darker than the face or of another tint.
    """
    if len(rows) < 2 * height:
        return 0.0
    lightness = rows[..., 0]
    each = np.column_stack([rows.mean(axis=1), np.square(lightness).mean(axis=1), person.mean(axis=1)])
    whole = np.lib.stride_tricks.sliding_window_view(each, height, axis=0).mean(axis=2)
    mean, colour, seen = np.maximum(whole[:, 0], 8), whole[:, :3], whole[:, 4] > 0.95
    off_tint = _off_tint(colour, skin)
    spread = np.sqrt(np.maximum(whole[:, 3] - whole[:, 0] ** 2, 0)) / mean

    dark, light = CLOTH_TONE
    worn = seen & (mean > dark) & (mean < light) & (off_tint > OFF_SKIN[0])
    worn &= np.sqrt(np.square(colour - skin).sum(axis=1)) > OFF_SKIN[1]
    grey = np.hypot(colour[:, 1], colour[:, 2]) / mean < GREY * np.hypot(*skin[1:]) / max(skin[0], 8.0)
    worn &= grey | (mean < skin[0] - DARKER)  # a forehead in more light than the face is neither
    above = np.cumsum(each[: len(whole) - 1, :3], axis=0) / np.arange(1, len(whole))[:, None]
    worn[:height] = False
    worn[height:] &= np.sqrt(np.square(colour[height:] - above[height - 1 :]).sum(axis=1)) > OFF_HAIR

    low = seen & (np.arange(len(whole)) + height / 2 > hairline) & (np.hypot(colour[:, 1], colour[:, 2]) < MILD)
    # between the brows glasses gleam, and caps lie or throw shade; but a mask covers the cheeks
    face = skin if _off_tint(np.array([cheeks], np.float32), skin)[0] > NO_CHEEKS else cheeks
    share, off_face = mean / max(face[0], 8.0), _off_tint(colour, face)
    tinted = np.any([(off_face > far) & (share < lit) for far, lit in TINTED], axis=0)
    brows, least, lit = TINTED_BOTH
    tinted |= (off_tint > brows) & (off_face > least) & (share < lit)
    low &= (share < SHADED) | tinted
    return max(_surely(spread[worn], PLAIN), _surely(spread[low], PLAIN_BELOW))


def _off_tint(colour: Grey, skin: tuple[float, float, float]) -> Grey:
    """How far a* and b* over L* are from the skin's. colour: (n, 3) CIELAB."""
    lightness = np.maximum(colour[:, :1], 8)
    return np.asarray(np.hypot(*(colour[:, 1:] / lightness - np.array(skin[1:]) / max(skin[0], 8.0)).T))


def _surely(spread: Grey, limits: tuple[float, float]) -> float:
    none, sure = limits
    return float(np.clip((none - spread.min()) / sure, 0, 1)) if spread.size else 0.0


def hem(rows: Grey, person: Mask, brows: Grey, lightness: float) -> float:
    """How surely an even edge over the brows is the hem of something worn: 0 a hairline or none .. 1.

    rows: as in `band`, from a little above the hairline. person: (h, w), where they show the person. brows: (w,), the
    row in each column below which brows break a hem. lightness: L* of the face. From side to side a hem is one even
    curve with cloth above and skin below, whatever their colours; hairlines, fringes and curls leave every such curve.
    Only neighbouring rows are compared, so that the tone of the skin and the light on it cancel out.

    1. In each column every row with a steeper step than the rows beside it votes for the curves through it.
    2. The curves with most votes are fitted to the steps near them, to a fraction of a row.
    3. The columns are counted whose step lies on the curve and goes from the same colour to the same colour.
    """
    height, width = rows.shape[:2]
    if height < 14 or width < 20:
        return 0.0
    pairs = rows[:-1] + rows[1:]
    change = (pairs[2:] - pairs[:-2]) / 2
    steps = np.abs(change).sum(axis=2)
    inside = person[: len(steps)].copy()
    inside[2:] &= person[: len(steps) - 2]
    steps[~inside] = 0  # the edge of the head itself
    inner = steps[1:-1]
    edge = (inner >= steps[:-2]) & (inner > steps[2:]) & (inner > STEP)
    edge &= np.arange(2.5, len(inner) + 2.5)[:, None] < brows
    row, column = np.nonzero(edge)
    row += 1
    above, here, below = (steps[row + shift, column] for shift in (-1, 0, 1))
    place = row + np.clip((above - below) / (2 * np.minimum(above - 2 * here + below, -1e-3)), -0.5, 0.5)
    x = np.linspace(-1, 1, width, dtype=np.float32)
    best = 0.0
    for curve in _most_voted(place, column, len(steps), x):
        fitted = _fitted(curve, place, column, x)
        on = np.abs(place - fitted[column]) < HEM_ERROR
        if not on.any() or median(rows[np.minimum(row[on] + 4, height - 1), column[on], 0]) < IN_SHADE * lightness:
            continue
        change_on = change[row[on], column[on]]
        usual = change_on.mean(axis=0)
        same = change_on @ usual > SAME_STEP * np.sqrt(np.square(change_on).sum(axis=1) * (usual @ usual))
        best = max(best, float(np.count_nonzero(same)) / width)
    none, sure = HEM
    return float(np.clip((best - none) / sure, 0, 1))


def _most_voted(place: Grey, column: NDArray[np.intp], height: int, x: Grey) -> Iterator[Grey]:
    """The parabolas, (w,) rows each, near which the most edges lie, those first."""
    bends, leans = (grid.reshape(-1, 1) for grid in np.meshgrid(*CURVES))
    shapes = np.rint(bends * x * x + leans * x).astype(np.intp)
    tall = height + 2 * HIGHEST
    starts = np.rint(place).astype(np.intp) - shapes[:, column] + HIGHEST + np.arange(len(shapes))[:, None] * tall
    votes = np.bincount(starts.ravel(), minlength=len(shapes) * tall).reshape(len(shapes), tall)
    near = votes[:, :-2] + votes[:, 1:-1] + votes[:, 2:]
    for _ in range(HEMS):
        shape, start = divmod(int(near.argmax()), tall - 2)
        if near[shape, start] < ENOUGH_VOTES * len(x):
            return
        yield shapes[shape] + (start + 1.0 - HIGHEST)
        near[:, max(0, start - 3) : start + 4] = 0


def _fitted(curve: Grey, place: Grey, column: NDArray[np.intp], x: Grey) -> Grey:
    """The curve as a parabola through the edges near it: those further off count less."""
    powers = np.stack([np.ones_like(x), x, x * x])
    for _ in range(2):
        off = np.abs(place - curve[column])
        near = off < NEAR_HEM
        at = powers[:, column[near]]
        weighted = at / np.square(1 + np.square(off[near] / 0.5))
        curve = np.asarray(np.linalg.solve(weighted @ at.T + 1e-6 * np.eye(3), weighted @ place[near]) @ powers)
    return curve


def _columns(face: Face, beside: float) -> slice:
    """At half size, that many face widths left and right of the axis."""
    return slice(*(max(0, int((face.axis + side * beside * face.width) * FACTOR)) for side in (-1, 1)))


def look(prepared: Prepared, rule: Rule) -> Observation:
    face, parts = prepared.subject, prepared.parts
    top = prepared.head_top or 0.0
    above = dome_of(parts, face, top)
    dome = parts.lab[above]
    if len(dome) < FEWEST:
        return Observation(None, clear=True, reason="not_seen")
    lightness, a, b = median_colour(parts.whole.inside(face.polygon(GLABELLA)))
    # a bluish cast makes black hair blue; skin that is less yellow than any skin tells how much
    cast = (0.0, min(0.0, b - 0.05 * lightness))
    left, right = face.axis - BESIDE * face.width, face.axis + BESIDE * face.width
    marks = (Mark("box", ((left, top), (right, face.point(FOREHEAD)[1]))),)
    skin = lightness, a, b
    value = measure(dome, skin, cast, strands(parts, above, skin))
    between_brows = face.point(BETWEEN_BROWS)[1]
    first, hairline = int(top * FACTOR) + 3, face.point(FOREHEAD)[1] * FACTOR
    lowest = max(0, int((between_brows - ABOVE_BROWS * face.length) * FACTOR))
    place = slice(first, lowest), _columns(face, BAND_COLUMNS)
    strip = parts.lab[place]
    if strip.size:
        height = max(3, int(BAND_HEIGHT * face.length * FACTOR))
        cheeks = median_colour(np.concatenate([parts.whole.inside(face.polygon(cheek)) for cheek in CHEEKS]))
        worn = even(strip, parts.person[place], skin, cheeks, height, hairline - first)
        value = max(value, band(strip, skin, cast, height), worn)
    highest = max(first, int(hairline - HEM_ABOVE * face.length * FACTOR))
    columns = _columns(face, HEM_COLUMNS)
    place = slice(highest, max(0, int(between_brows * FACTOR) + 2)), columns
    brows = np.array(sorted(face.outline(BROW_LINES[0] + BROW_LINES[1]))) * FACTOR
    across = np.arange(columns.start, columns.start + parts.lab[place].shape[1])
    line = np.asarray(np.interp(across, brows[:, 0], brows[:, 1]) + BELOW_BROWS - highest, dtype=np.float32)
    value = max(value, hem(parts.lab[place], parts.person[place], line, lightness))
    band_of = rule.of(prepared.mode)
    if band_of.high is not None and len(parts.wall):
        cheek = median_colour(parts.whole.inside(face.polygon(CHEEKS[0])))
        found = ornament(parts, face, top, (median_colour(dome), cheek, parts.usual_wall))
        value = max(value, min(1.0, band_of.high * found / ORNAMENT))
    return Observation(value, marks)


CHECK = Check(Code.HEADWEAR, look, needs_face=True)
