"""Every check, in the order in which findings are listed and hints are given: what helps most comes first."""

from __future__ import annotations

from backend.compliance.checks.check import Check
from backend.compliance.checks.face import (
    centering,
    eye_line,
    eye_tilt,
    eyes_closed,
    face_width,
    half_face,
    head_top,
    many_faces,
    mouth_open,
    no_face,
)
from backend.compliance.checks.file import (
    color_depth,
    dpi,
    edited,
    file_ext,
    file_format,
    jpeg_quality,
    pixel_size,
    size_high,
    size_low,
    too_old,
)
from backend.compliance.checks.scene import (
    bg_color,
    bg_uniform,
    blur,
    color_cast,
    not_color,
    overexposed,
    underexposed,
)

CHECKS: tuple[Check, ...] = (
    file_format.CHECK,
    file_ext.CHECK,
    pixel_size.CHECK,
    dpi.CHECK,
    color_depth.CHECK,
    jpeg_quality.CHECK,
    size_low.CHECK,
    size_high.CHECK,
    edited.CHECK,
    too_old.CHECK,
    no_face.CHECK,
    many_faces.CHECK,
    face_width.CHECK,
    centering.CHECK,
    eye_line.CHECK,
    head_top.CHECK,
    eye_tilt.CHECK,
    eyes_closed.CHECK,
    mouth_open.CHECK,
    not_color.CHECK,
    underexposed.CHECK,
    overexposed.CHECK,
    half_face.CHECK,
    color_cast.CHECK,
    blur.CHECK,
    bg_color.CHECK,
    bg_uniform.CHECK,
)
