"""Markdown that people wrote -> HTML that is safe to show."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markupsafe import Markup

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "h2", "h3", "h4", "blockquote", "a", "hr", "code"}

# raw HTML in the text is shown as text; what the parser writes is cleaned once more
_parser = MarkdownIt("commonmark", {"html": False}).disable("image")


def _lower_headings(state: StateCore) -> None:
    """The page has its own first heading: # becomes the second, ## the third, the rest the fourth."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 4)}"


_parser.core.ruler.push("lower_headings", _lower_headings)


def html_of(markdown: str) -> Markup:
    """Sanitised HTML. Links lead to http(s), mail and telephone only; pictures and scripts do not survive."""
    html = _parser.render(markdown)
    return Markup(  # noqa: S704 - cleaned in this very line
        nh3.clean(html, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto", "tel"})
    )
