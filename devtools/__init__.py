"""What dev.py does, one file per concern. Standard library only: it runs before anything is installed.

ground         paths, talking to the person, running programs, putting files in place, stamps
pip_to_uv      the index and certificate settings of pip, in uv's words
environment    set-up steps 1 to 3: .venv, the installer, the packages
downloads      set-up steps 4 and 5: face models, browser files
servers        `make run`: web server and worker, started and ended together
lighthouse     `make lighthouse`: the students' pages measured
checks         `make test`, `make test-pg` and the browser they need
"""
