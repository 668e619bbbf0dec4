"""An edge and a server for protos that a test writes itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import httpx2 as httpx
from google.api import annotations_pb2
from google.protobuf import descriptor_pool, json_format, message_factory
from reelops.rpc.edge import Gateway, Listener, envoy_command, write_gateway
from reelops.rpc.edge.descriptors import read_descriptors

from tests.rpc.edge.conftest import free_ports, running_envoy

PROTOS = Path(__file__).resolve().parents[3] / "proto"


def compiled(folder: Path, text: str) -> Path:
    """Compiles a proto file to a descriptor set."""
    (folder / "lab.proto").write_text(text)
    common = Path(str(annotations_pb2.__file__)).parents[2]
    out = folder / "lab.binpb"
    folders = [f"-I{place}" for place in (folder, PROTOS, common)]
    flags = ["--include_imports", f"--descriptor_set_out={out}"]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *folders, *flags, "lab.proto"], check=True)
    return out


class Lab:
    """A server of the lab's methods that answers with the JSON it was given, and a client of its edge."""

    def __init__(self, descriptors: Path, service: str) -> None:
        self.pool = descriptor_pool.DescriptorPool()
        for file in read_descriptors(descriptors).file:
            self.pool.Add(file)  # type: ignore[no-untyped-call]
        self.answer: dict[str, Any] = {}
        self.asked: dict[str, Any] = {}
        self.client = httpx.Client(trust_env=False)
        self.server = grpc.server(ThreadPoolExecutor(2))
        methods = self.pool.FindServiceByName(service).methods  # type: ignore[no-untyped-call]
        handlers = {method.name: self._handler(method) for method in methods}
        self.server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()

    def _handler(self, method: Any) -> Any:
        request_type = message_factory.GetMessageClass(method.input_type)
        answer_type = message_factory.GetMessageClass(method.output_type)

        def call(request: Any, _context: Any) -> Any:
            self.asked = json_format.MessageToDict(request, preserving_proto_field_name=True)
            return json_format.ParseDict(self.answer, answer_type())

        return grpc.unary_unary_rpc_method_handler(call, request_type.FromString, answer_type.SerializeToString)

    def get(self, path: str, answer: dict[str, Any]) -> Any:
        self.answer = answer
        got = self.client.get(path)
        assert got.status_code == 200, got.text
        return got.json()


@contextmanager
def running_lab(folder: Path, descriptors: Path, service: str, *, surface: str) -> Iterator[Lab]:
    """Starts the server of one service, and an edge whose only surface it is."""
    lab, (port, admin) = Lab(descriptors, service), free_ports(2)
    listener = Listener("lab", port, default=(surface,))
    gateway = Gateway(listeners=(listener,), servers=(f"127.0.0.1:{lab.port}",), admin_port=admin, concurrency=1)
    command = envoy_command(write_gateway(folder, gateway, descriptors=descriptors), gateway, log_file=folder / "log")
    try:
        with running_envoy(command, admin, folder / "log"):
            lab.client.base_url = httpx.URL(f"http://127.0.0.1:{port}")
            yield lab
    finally:
        lab.client.close()
        lab.server.stop(0)
