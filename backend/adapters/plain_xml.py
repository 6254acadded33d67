"""XML from outside: small, without document types. Nothing that it names is fetched or unfolded."""

from __future__ import annotations

from xml.parsers import expat

LARGEST = 64 * 1024  # bytes; messages of sign-on servers and of WeChat are a few hundred


class NotPlain(ValueError):
    """Not well-formed, too large, too deep, or with a document type (entities live there)."""


def texts_of(content: bytes) -> dict[str, str]:
    """Element name without its prefix -> the text of the first element of that name that holds text only.

    Raises NotPlain.
    """
    if len(content) > LARGEST:
        raise NotPlain("too large")
    found: dict[str, str] = {}
    open_elements: list[tuple[str, list[str]]] = []

    def start(name: str, _attributes: object) -> None:
        if len(open_elements) >= 16:
            raise NotPlain("too deep")
        open_elements.append((name.rpartition(":")[2], []))

    def text(data: str) -> None:
        if open_elements:
            open_elements[-1][1].append(data)

    def end(_name: str) -> None:
        name, pieces = open_elements.pop()
        words = "".join(pieces).strip()
        if words:
            found.setdefault(name, words)

    def refused(*_what: object) -> None:
        raise NotPlain("a document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = refused  # entities can be declared nowhere else
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise NotPlain(expat.errors.messages.get(error.code, "not well-formed")) from None
    return found
