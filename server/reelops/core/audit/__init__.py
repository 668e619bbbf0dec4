"""Who did what: an append-only trail, chained by hash, and its signed exports."""

from reelops.core.audit.exports import AuditExports
from reelops.core.audit.logins import RefusedLogins
from reelops.core.audit.model import AuditEntry, AuditEvent, Verification
from reelops.core.audit.service import Audit
from reelops.core.audit.signing import Export, ExportCheck, Signature, SigningKey, verify_export

__all__ = [
    "Audit",
    "AuditEntry",
    "AuditEvent",
    "AuditExports",
    "Export",
    "ExportCheck",
    "RefusedLogins",
    "Signature",
    "SigningKey",
    "Verification",
    "verify_export",
]
