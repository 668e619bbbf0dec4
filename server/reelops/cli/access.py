"""`reelops keys` and `reelops clients`: who gets tokens, and what signs them. They need no running service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from reelops.cli.loading import load_settings
from reelops.cli.service import out, telling

if TYPE_CHECKING:
    from reelops.core.identity.clients import ServiceClients
    from reelops.core.identity.keys import SigningKeys
    from reelops.infra.database import Database

keys = typer.Typer(help="The keys that sign tokens.", no_args_is_help=True)
clients = typer.Typer(help="The clients of organisations, who get tokens.", no_args_is_help=True)

Data = Annotated[Path | None, typer.Option("--data", help="The data folder of the service.")]
ClientId = Annotated[str, typer.Argument(help="The client's id.")]


@dataclass(frozen=True, slots=True)
class _Parts:
    keys: SigningKeys
    clients: ServiceClients
    db: Database

    async def note(self, what: str, action: str, subject: str) -> None:
        """Leaves an entry in the audit trail."""
        from reelops.core.audit.model import AuditEvent
        from reelops.core.audit.service import Audit

        event = AuditEvent(job_type=what, requested_by="system:cli", subject=subject, facts={"action": action})
        await Audit(db=self.db).record(event)


@keys.command("list")
def list_keys(data: Data = None) -> None:
    """Lists the keys whose tokens hold, the one that signs first."""

    async def run(parts: _Parts) -> None:
        table = Table("key", "state", "made", "its tokens hold until")
        for key in await parts.keys.list():
            state = "signs" if key.retired_at is None else "retired"
            table.add_row(key.kid, state, _moment(key.created_at), _moment(key.expires_at))
        out.print(table)

    _run(run, data)


@keys.command("rotate")
def rotate_keys(
    now: Annotated[bool, typer.Option("--now", help="End all tokens that older keys have signed at once.")] = False,
    data: Data = None,
) -> None:
    """Makes a key that signs from now on; tokens of older keys hold until they expire."""

    async def run(parts: _Parts) -> None:
        made = await parts.keys.rotate(retire_now=now)
        await parts.note("signing_key", "rotate --now" if now else "rotate", made.kid)
        _say(f"{made.kid} signs from now on")
        for key in (await parts.keys.list())[1:]:
            _say(f"{key.kid} is published until {_moment(key.expires_at)}")
        if now:
            _say("all tokens that other keys have signed end within seconds")

    _run(run, data)


@clients.command("list")
def list_clients(data: Data = None) -> None:
    """Lists all clients: configured ones, and those of the database."""

    async def run(parts: _Parts) -> None:
        table = Table("client", "organisation", "from", "added", "secret changed")
        configured = parts.clients.configured()
        for client in configured:
            table.add_row(Text(client.client_id), Text(client.org_id), "configured", "", "")
        covered = {client.client_id for client in configured}
        for client in await parts.clients.list():
            ids = (Text(client.client_id), Text(client.org_id))
            origin = "database, but the configured one counts" if client.client_id in covered else "database"
            table.add_row(*ids, origin, _moment(client.created_at), _moment(client.rotated_at))
        out.print(table)

    _run(run, data)


@clients.command("add")
def add_client(
    client_id: ClientId, org: Annotated[str, typer.Option(help="The organisation it works for.")], data: Data = None
) -> None:
    """Adds a client and prints its secret, which cannot be shown again."""

    async def run(parts: _Parts) -> None:
        secret = await parts.clients.add(client_id, org)
        await parts.note("service_client", "add", client_id)
        _say(secret)

    _run(run, data)


@clients.command("rotate")
def rotate_client(client_id: ClientId, data: Data = None) -> None:
    """Gives a client another secret and prints it; tokens that it has hold until they expire."""

    async def run(parts: _Parts) -> None:
        secret = await parts.clients.rotate(client_id)
        await parts.note("service_client", "rotate", client_id)
        _say(secret)

    _run(run, data)


@clients.command("remove")
def remove_client(client_id: ClientId, data: Data = None) -> None:
    """Removes a client; its tokens end within seconds."""

    async def run(parts: _Parts) -> None:
        await parts.clients.remove(client_id)
        await parts.note("service_client", "remove", client_id)
        _say(f"{client_id} is removed")

    _run(run, data)


def _run(command: Callable[[_Parts], Awaitable[None]], data: Path | None) -> None:
    async def run() -> None:
        async with _open(data) as parts:
            await command(parts)

    with telling():
        asyncio.run(run())


@asynccontextmanager
async def _open(data: Path | None) -> AsyncIterator[_Parts]:
    from reelops.configured import open_keys, service_clients
    from reelops.core.identity.clients import ServiceClients
    from reelops.infra.database import Database, close_to_others, migrate

    settings = load_settings(data)
    settings.folder.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(migrate, settings.database)
    await asyncio.to_thread(close_to_others, settings.database)
    async with Database.open(settings.database) as db:
        known = ServiceClients(db=db, configured=service_clients(settings))
        try:
            yield _Parts(open_keys(db, settings), known, db)
        finally:
            known.close()


def _say(line: str) -> None:
    out.print(line, markup=False, highlight=False, soft_wrap=True)


def _moment(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%SZ") if moment is not None else ""
