"""A server in this process with the real guard: WaveStack's tokens, jobs, and a clipper that only says who calls."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import grpc
from google.api import httpbody_pb2
from google.rpc import error_details_pb2, status_pb2
from reelops.api.jobs.v1 import jobs_service_pb2, jobs_service_pb2_grpc
from reelops.api.wavestack.v1 import (
    auth_service_pb2,
    auth_service_pb2_grpc,
    clip_service_pb2,
    clip_service_pb2_grpc,
    health_service_pb2,
    health_service_pb2_grpc,
    project_service_pb2,
    project_service_pb2_grpc,
)
from reelops.core.identity import Identity
from reelops.core.identity.caller import principal
from reelops.core.identity.clients import ConfiguredClient, ServiceClients
from reelops.core.identity.keys import SigningKeys
from reelops.core.identity.limits import RateLimits
from reelops.core.identity.networks import LOOPBACK, TrustedNetworks, parse_networks
from reelops.core.identity.organisations import Organisations
from reelops.core.identity.tokens import LEEWAY_SEC
from reelops.infra.database import Database
from reelops.infra.jobs import JobQueue
from reelops.rpc.admission import Admission
from reelops.rpc.guard import Guard
from reelops.rpc.rules import read_rules
from reelops.rpc.server import Limits, Service, running
from reelops.surfaces.context import Context
from reelops.surfaces.jobs.jobs import JobsServicer
from reelops.surfaces.wavestack.auth import AuthServicer

LIFETIME_SEC = 3600
ROLE_TOKENS = {"operator": ("the-operator-token",), "viewer": ("the-viewer-token",)}
SHOP = ConfiguredClient("shop-client", "shop", "the secret of the shop")
MILL = ConfiguredClient("mill-client", "mill", "the secret of the mill")


class Clips(clip_service_pb2_grpc.ClipServiceServicer):
    """Answers with who calls: with headers of its own, without, as a stream, and as an error."""

    async def CreateClip(self, request: Any, context: Context) -> Any:
        raise NotImplementedError

    async def GetClip(self, request: clip_service_pb2.GetClipRequest, context: Context) -> Any:
        if request.job_id == "f" * 32:
            raise RuntimeError("a fault of ours")
        if request.job_id == "a" * 32:
            await context.send_initial_metadata((("cache-control", "private"),))
        caller = principal()
        return clip_service_pb2.GetClipResponse(clip=clip_service_pb2.Clip(job_id=f"{caller.name}@{caller.org_id}"))

    async def DownloadClip(
        self, request: clip_service_pb2.DownloadClipRequest, context: Context
    ) -> AsyncIterator[httpbody_pb2.HttpBody]:
        yield httpbody_pb2.HttpBody(data=b"1")
        yield httpbody_pb2.HttpBody(data=b"2")


class Health(health_service_pb2_grpc.ClipperHealthServiceServicer):
    async def GetClipperHealth(self, request: Any, context: Context) -> Any:
        return health_service_pb2.GetClipperHealthResponse()


class Projects(project_service_pb2_grpc.ProjectServiceServicer):
    async def CreateProject(self, request: Any, context: Context) -> Any:
        raise NotImplementedError

    async def ListProjects(self, request: Any, context: Context) -> Any:
        caller = principal()
        return project_service_pb2.ListProjectsResponse(
            items=[project_service_pb2.Project(name=f"{caller.name}@{caller.org_id}")]
        )


@dataclass(slots=True)
class Answer:
    """What came of a call: the message or the error, and its headers."""

    message: Any = None
    code: str = "OK"
    reason: str = ""
    sentence: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    challenges: list[str] = field(default_factory=list)
    retry_sec: int | None = None


@dataclass(slots=True)
class House:
    """A running server and the parts behind it."""

    db: Database
    queue: JobQueue
    keys: SigningKeys
    clients: ServiceClients
    organisations: Organisations
    limits: RateLimits
    channel: grpc.aio.Channel
    port: int
    refused: list[tuple[str, str]]

    async def token(self, client: ConfiguredClient = SHOP) -> str:
        """Gets a token as clients do."""
        answer = await self.issue(client.client_id, client.client_secret, client.org_id)
        assert answer.code == "OK", answer
        value: str = answer.message.access_token
        return value

    async def issue(self, client_id: str, client_secret: str, org_id: str, **metadata: str) -> Answer:
        """Asks for a token."""
        request = auth_service_pb2.IssueTokenRequest(client_id=client_id, client_secret=client_secret, org_id=org_id)
        stub = auth_service_pb2_grpc.AuthServiceStub(self.channel)
        return await ask(stub.IssueToken, request, {"x-client-address": "192.0.2.7", **metadata})

    async def jwks(self) -> Answer:
        """Asks for the keys."""
        stub = auth_service_pb2_grpc.AuthServiceStub(self.channel)
        return await ask(stub.ListSigningKeys, auth_service_pb2.ListSigningKeysRequest())

    async def projects(self, metadata: Mapping[str, str | bytes]) -> Answer:
        """Calls a method that needs an organisation; the message is `name@org`."""
        stub = project_service_pb2_grpc.ProjectServiceStub(self.channel)
        answer = await ask(stub.ListProjects, project_service_pb2.ListProjectsRequest(), metadata)
        if answer.message is not None:
            answer.message = answer.message.items[0].name
        return answer

    async def clip(self, metadata: Mapping[str, str | bytes], job_id: str = "0" * 32) -> Answer:
        """Calls a method of the trusted network; the message is `name@org`."""
        stub = clip_service_pb2_grpc.ClipServiceStub(self.channel)
        answer = await ask(stub.GetClip, clip_service_pb2.GetClipRequest(job_id=job_id), metadata)
        if answer.message is not None:
            answer.message = answer.message.clip.job_id
        return answer


@asynccontextmanager
async def open_house(
    url: str, *, limits: Mapping[str, int] | None = None, lifetime_sec: int = LIFETIME_SEC
) -> AsyncIterator[House]:
    """Runs a server on a migrated database."""
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(Database.open(url))
        queue = await stack.enter_async_context(JobQueue.open(db))
        keys = SigningKeys(db=db, lifetime_sec=lifetime_sec, leeway_sec=LEEWAY_SEC)
        await keys.ensure()
        clients = ServiceClients(db=db, configured=(SHOP, MILL))
        stack.callback(clients.close)
        organisations = Organisations(keys=keys, clients=clients, lifetime_sec=lifetime_sec)
        counted = RateLimits(db=db, limits=limits or dict.fromkeys(("core", "clipper"), 1_000_000))
        refused: list[tuple[str, str]] = []

        async def note(*, reason: str, source: str) -> None:
            refused.append((reason, source))

        auth = AuthServicer(organisations=organisations, keys=keys)
        services = [
            _service(auth_service_pb2, auth_service_pb2_grpc, auth, "AuthService"),
            _service(jobs_service_pb2, jobs_service_pb2_grpc, JobsServicer(queue=queue), "JobsService"),
            _service(clip_service_pb2, clip_service_pb2_grpc, Clips(), "ClipService"),
            _service(project_service_pb2, project_service_pb2_grpc, Projects(), "ProjectService"),
            _service(health_service_pb2, health_service_pb2_grpc, Health(), "ClipperHealthService"),
        ]
        admission = Admission(
            identity=Identity(ROLE_TOKENS),
            organisations=organisations,
            networks=TrustedNetworks(parse_networks(LOOPBACK), org_id="default", origins=["https://app.example"]),
            limits=counted,
        )
        guard = Guard(rules=read_rules(one.descriptor for one in services), admission=admission, refused_login=note)
        bound = await stack.enter_async_context(
            running(
                address="127.0.0.1:0",
                services=services,
                interceptors=[guard],
                limits=Limits(message_bytes=1 << 20, drain_sec=1),
                healthy=db.ping,
            )
        )
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{bound}"))
        yield House(db, queue, keys, clients, organisations, counted, channel, bound, refused)


async def ask(method: Any, request: Any, metadata: Mapping[str, str | bytes] | None = None) -> Answer:
    """Makes a call and gathers whatever came back."""
    call = method(request, metadata=tuple((metadata or {}).items()), timeout=20)
    answer = Answer()
    try:
        answer.message = await call
    except grpc.aio.AioRpcError as error:
        answer.code, answer.sentence = error.code().name, error.details() or ""
    pairs = [*(await call.initial_metadata() or ()), *(await call.trailing_metadata() or ())]
    answer.headers = {key: str(value) for key, value in pairs}
    answer.reason = answer.headers.get("x-error-code", "")
    for packed in (value for key, value in pairs if key == "grpc-status-details-bin"):
        for detail in status_pb2.Status.FromString(packed).details:
            retry = error_details_pb2.RetryInfo()
            if detail.Unpack(retry):
                answer.retry_sec = retry.retry_delay.seconds
    answer.challenges = [str(value) for key, value in pairs if key == "www-authenticate"]
    return answer


def signed(token: str, org_id: str = "shop") -> dict[str, str]:
    """Spells a token and its organisation as metadata."""
    return {"authorization": f"Bearer {token}", "x-org-id": org_id}


def configured_text() -> str:
    """Spells the two clients as the setting does."""
    return json.dumps(
        [{"client_id": c.client_id, "client_secret": c.client_secret, "org_id": c.org_id} for c in (SHOP, MILL)]
    )


def _service(messages: Any, stubs: Any, servicer: Any, name: str) -> Service:
    register = getattr(stubs, f"add_{name}Servicer_to_server")
    return Service(messages.DESCRIPTOR.services_by_name[name], partial(register, servicer))
