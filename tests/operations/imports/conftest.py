"""The desk at which files are taken in."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from backend.parts import Parts
from tests.factories import Factory
from tests.operations.imports.files import Desk


@pytest.fixture
def desk(session: Session, parts: Parts, make: Factory) -> Desk:
    return Desk(session, parts, make)
