"""`reelops audit`: who did what, and whether that can be trusted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from reelops_client import ReelOps, verify_export
from rich.table import Table
from rich.text import Text

from reelops.cli.operate import say
from reelops.cli.service import local_secret, local_settings, on_service, out, telling

app = typer.Typer(help="Who did what, and whether that can be trusted.", no_args_is_help=True)


def trail(
    reelops: ReelOps, limit: Annotated[int, typer.Option(min=1, max=1000, help="Entries to show at most.")] = 30
) -> None:
    """Shows the audit trail, newest first."""
    table = Table("no.", "when", "what", "status", "who", "task", "about")
    for entry in reelops.sopilot.audit.trail(limit=limit):
        when = datetime.fromtimestamp(entry.created_at.seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        texts = (entry.job_type, entry.status, entry.requested_by, entry.task_id, entry.subject or entry.job_id)
        table.add_row(str(entry.sequence), when, *(Text(text) for text in texts))
    out.print(table)


def verify(
    reelops: ReelOps,
    head: Annotated[str | None, typer.Option(help="A head hash that was noted earlier, to compare with.")] = None,
) -> None:
    """Has the service recompute the chain of the whole trail; fails where it was tampered with."""
    found = reelops.sopilot.audit.verify()
    if not found.intact:
        raise ValueError(f"the trail was tampered with: entry {found.first_broken_sequence} is not as it was written")
    if head is not None and head != found.head_hash and head not in hashes(reelops):
        raise ValueError("the trail was shortened: the noted head is not among its newest 1000 entries")
    say(f"intact: {found.entry_count} entries, head {found.head_hash}")


def export(
    reelops: ReelOps,
    path: Annotated[Path, typer.Argument(help="Where to save the export.")],
    limit: Annotated[int, typer.Option(min=1, max=5000, help="Entries to export at most.")] = 500,
) -> None:
    """Has the newest entries signed and saves them."""
    made = reelops.sopilot.audit.export(limit=limit)
    reelops.sopilot.audit.download(made.export_id, path)
    say(f"export: {path}, {made.item_count} entries, signed by key {made.signature.key_id}")


def check(
    path: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The export to check.")],
    key_file: Annotated[
        Path | None, typer.Option(help="A file that holds the signing key.", exists=True, dir_okay=False)
    ] = None,
    data: Annotated[Path | None, typer.Option(help="The data folder of the service that signed.")] = None,
) -> None:
    """Checks an export without the service: its signature, its count and the chain of its entries."""
    with telling():
        found = verify_export(path.read_bytes(), signing_key(key_file, data))
        if not found.genuine:
            raise ValueError("the export cannot be trusted: " + "; ".join(found.problems))
        say(f"genuine: {found.item_count} entries of {found.generated_at}, signed by key {found.key_id}")


def hashes(reelops: ReelOps) -> set[str]:
    return {entry.entry_hash for entry in reelops.sopilot.audit.trail(limit=1000)}


def signing_key(key_file: Path | None, data: Path | None) -> bytes:
    """Returns the key: of the file, else as configured, else the one that the service made for itself."""
    if key_file is not None:
        return key_file.read_bytes().strip()
    settings = local_settings(data, None)
    key = settings.audit_signing_key.get_secret_value() or local_secret(settings, "audit_signing_key")
    if not key:
        raise ValueError("no key: say --key-file, or set SOPILOT_AUDIT_SIGNING_KEY")
    return key.encode()


app.command()(on_service(trail))
app.command()(on_service(verify))
app.command()(on_service(export))
app.command()(check)
