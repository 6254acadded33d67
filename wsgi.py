"""The door of the web server and of the `flask` command."""

from backend import create_app
from backend.settings import load_settings

app = create_app(load_settings())
