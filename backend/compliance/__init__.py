"""The photo standard: a picture is prepared once, measured by small checks, and judged by bands from a file.

Pure: numpy, OpenCV, Pillow and the standard library. Models come in as a `FaceAnalyser`, the limits as a
`Standard`, the day as an argument; nothing here knows Flask, a database or a clock.
"""
