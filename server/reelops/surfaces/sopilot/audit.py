"""AuditService: who did what, and the signed proof of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from google.api import httpbody_pb2

from reelops.api.sopilot.v1 import audit_service_pb2 as pb
from reelops.api.sopilot.v1 import audit_service_pb2_grpc
from reelops.core.audit.exports import AuditExports
from reelops.core.audit.service import Audit
from reelops.core.identity.caller import principal
from reelops.surfaces.context import Context
from reelops.surfaces.files import send_file
from reelops.surfaces.moments import timestamp
from reelops.surfaces.sopilot import convert

_TRAIL_LIMIT = 100
_EXPORT_LIMIT = 500


class AuditServicer(audit_service_pb2_grpc.AuditServiceServicer):
    """Shows and exports the audit trail."""

    def __init__(self, *, audit: Audit, exports: AuditExports) -> None:
        self._audit = audit
        self._exports = exports

    async def ListAuditTrail(self, request: pb.ListAuditTrailRequest, context: Context) -> pb.ListAuditTrailResponse:
        entries = await self._audit.list(limit=request.limit or _TRAIL_LIMIT)
        return pb.ListAuditTrailResponse(items=[convert.audit_entry(entry) for entry in entries])

    async def ExportAudit(self, request: pb.ExportAuditRequest, context: Context) -> pb.ExportAuditResponse:
        export = await self._exports.export(request.limit or _EXPORT_LIMIT, by=principal().name)
        return pb.ExportAuditResponse(
            export_id=export.export_id,
            generated_at=timestamp(export.generated_at),
            item_count=export.item_count,
            file_path=export.file_path,
            signature=pb.AuditSignature(
                algorithm=export.signature.algorithm,
                key_id=export.signature.key_id,
                payload_sha256=export.signature.payload_sha256,
                signature_hex=export.signature.signature_hex,
            ),
        )

    async def DownloadAuditExport(
        self, request: pb.DownloadAuditExportRequest, context: Context
    ) -> AsyncIterator[httpbody_pb2.HttpBody]:
        info = await self._exports.export_file(request.export_id, by=principal().name)
        async for part in send_file(
            context,
            info,
            lambda start, end: self._exports.read_export(info, start, end),
            content_type="application/json",
            filename=f"audit_export_{request.export_id}.json",
            inline=False,
        ):
            yield part

    async def VerifyAuditTrail(
        self, request: pb.VerifyAuditTrailRequest, context: Context
    ) -> pb.VerifyAuditTrailResponse:
        found = await self._audit.verify()
        return pb.VerifyAuditTrailResponse(
            intact=found.intact,
            entry_count=found.entry_count,
            first_broken_sequence=found.first_broken_sequence,
            head_hash=found.head_hash,
        )
