"""Every word with which a picture can be faulted, by the machine or by a person.

A returned photo always speaks this one language: the machine's checks and the reviewer's tick boxes share it.
"""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """One requirement that a picture can miss. The comment names the requirement of the standard."""

    # the file
    FILE_FORMAT = "FILE_FORMAT"  # R30
    FILE_EXT = "FILE_EXT"  # R33
    PIXEL_SIZE = "PIXEL_SIZE"  # R27
    DPI = "DPI"  # R28
    COLOR_DEPTH = "COLOR_DEPTH"  # R29
    JPEG_QUALITY = "JPEG_QUALITY"  # R31
    SIZE_LOW = "SIZE_LOW"  # R32
    SIZE_HIGH = "SIZE_HIGH"  # R32
    EDITED = "EDITED"  # R03
    TOO_OLD = "TOO_OLD"  # R01
    # who is on it, and where
    NO_FACE = "NO_FACE"  # R02
    MANY_FACES = "MANY_FACES"  # R07
    HEAD_TOP = "HEAD_TOP"  # R35
    EYE_LINE = "EYE_LINE"  # R36
    FACE_WIDTH = "FACE_WIDTH"  # R37
    CENTERING = "CENTERING"  # R34
    EYE_TILT = "EYE_TILT"  # X03
    HEAD_POSE = "HEAD_POSE"  # R11
    SHOULDERS = "SHOULDERS"  # R13
    STRETCHED = "STRETCHED"  # X06: the machine only asks for a look
    # the face
    EYES_CLOSED = "EYES_CLOSED"  # R11
    GAZE = "GAZE"  # R11
    MOUTH_OPEN = "MOUTH_OPEN"  # R14
    BROWS_HIDDEN = "BROWS_HIDDEN"  # R21
    EYES_HIDDEN = "EYES_HIDDEN"  # R21
    EARS_HIDDEN = "EARS_HIDDEN"  # R12
    GLASSES_TINT = "GLASSES_TINT"  # R16
    GLASSES_FRAME = "GLASSES_FRAME"  # R17
    GLASSES_REFLECT = "GLASSES_REFLECT"  # R18
    FACE_COVERED = "FACE_COVERED"  # R02
    HEADWEAR = "HEADWEAR"  # R19
    HALF_FACE = "HALF_FACE"  # R25
    HIGHLIGHT = "HIGHLIGHT"  # R25
    RED_EYE = "RED_EYE"  # R25
    # the picture
    NOT_COLOR = "NOT_COLOR"  # R02
    BLUR = "BLUR"  # R05
    UPSCALED = "UPSCALED"  # R05
    NOISE = "NOISE"  # R05
    COMPRESSION = "COMPRESSION"  # R05
    UNDEREXPOSED = "UNDEREXPOSED"  # R05
    OVEREXPOSED = "OVEREXPOSED"  # R05
    COLOR_CAST = "COLOR_CAST"  # R05
    BG_COLOR = "BG_COLOR"  # R08
    BG_UNIFORM = "BG_UNIFORM"  # R07
    BG_SHADOW = "BG_SHADOW"  # R07
    BG_OBJECT = "BG_OBJECT"  # R07
    CLOTH_LIKE_BG = "CLOTH_LIKE_BG"  # R23
    CLOTH_PATTERN = "CLOTH_PATTERN"  # R24
    FRAME_OR_TEXT = "FRAME_OR_TEXT"  # R06
    RETOUCHED = "RETOUCHED"  # R03: the machine only asks for a look
    # what only a person can say
    NOT_SELF = "NOT_SELF"  # R02
    REPHOTOGRAPHED = "REPHOTOGRAPHED"  # X02
    JEWELLERY = "JEWELLERY"  # R20
    MAKEUP = "MAKEUP"  # R22
    MIRRORED = "MIRRORED"  # R04
    ROTATED = "ROTATED"  # R04
    OTHER = "OTHER"  # written out by the reviewer


REVIEWER_ONLY: frozenset[Code] = frozenset(
    {
        Code.NOT_SELF,
        Code.REPHOTOGRAPHED,
        Code.JEWELLERY,
        Code.MAKEUP,
        Code.MIRRORED,
        Code.ROTATED,
        Code.OTHER,
    }
)

MACHINE: tuple[Code, ...] = tuple(code for code in Code if code not in REVIEWER_ONLY)
