"""Every table of every domain, for migrations and for the tests of the schema."""

from backend.accounts import records as _accounts
from backend.alumni import records as _alumni
from backend.batches import records as _batches
from backend.bulk import records as _bulk
from backend.capture import records as _capture
from backend.centres import records as _centres
from backend.chasing import records as _chasing
from backend.consent import records as _consent
from backend.enrollment import records as _enrollment
from backend.errata import records as _errata
from backend.exchange import records as _exchange
from backend.fees import records as _fees
from backend.history import records as _history
from backend.identity import records as _identity
from backend.jobs import records as _jobs
from backend.notices import records as _notices
from backend.notifications import records as _notifications
from backend.onsite import records as _onsite
from backend.photos import records as _photos
from backend.programs import records as _programs
from backend.proofreading import records as _proofreading
from backend.records import Record
from backend.wechat import records as _wechat

__all__ = ["Record"]

DOMAINS = (
    _history,
    _jobs,
    _centres,
    _enrollment,
    _accounts,
    _notices,
    _consent,
    _photos,
    _errata,
    _identity,
    _proofreading,
    _exchange,
    _bulk,
    _capture,
    _fees,
    _onsite,
    _batches,
    _alumni,
    _notifications,
    _wechat,
    _programs,
    _chasing,
)
