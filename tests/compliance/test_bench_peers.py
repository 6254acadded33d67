"""Other tools beside the engine: one that is not installed says so, one that stops does not stop the bench."""

from __future__ import annotations

from pathlib import Path

from backend.cli.bench_peers import compare

TOOL = """
class SelfieValidator:
    def validate(self, picture):
        if picture is None:
            raise ValueError("no picture")
"""


def test_a_tool_that_is_not_in_the_folder_says_so(tmp_path: Path) -> None:
    lines = compare([("a picture", tmp_path / "a.jpg", lambda: None)], tmp_path, tmp_path, rounds=1)
    assert len(lines) == 2
    assert all("does not run" in line and "ModuleNotFoundError" in line for line in lines)


def test_a_tool_is_timed_and_a_picture_that_it_refuses_is_named(tmp_path: Path) -> None:
    (tmp_path / "selfie_validator.py").write_text(TOOL, "utf-8")
    (tmp_path / "cv2.py").write_text("def imread(path):\n    return None if 'refused' in path else path\n", "utf-8")
    pictures = [(name, tmp_path / f"{name}.jpg", lambda: None) for name in ("taken", "refused")]
    taken, refused, _ = compare(pictures, tmp_path, tmp_path, rounds=2)
    assert float(taken.split()[-1]) >= 0
    assert "does not take this picture" in refused
