"""Writes virtual hosts, routes and the access log as Envoy wants them."""

from __future__ import annotations

from pathlib import Path

from reelops.rpc.edge.descriptors import Route
from reelops.rpc.edge.model import Gateway, Limits, Listener, host_key
from reelops.rpc.edge.routing import shared_routes
from reelops.rpc.edge.speech import SPEECH, common_speech

Json = dict[str, object]

TYPES = "type.googleapis.com/envoy"
MUTATION = "envoy.filters.http.header_mutation"
LUA, TRANSCODER, CORS = "envoy.filters.http.lua", "envoy.filters.http.grpc_json_transcoder", "envoy.filters.http.cors"

EXPOSED_HEADERS = (
    "grpc-status,grpc-message,grpc-status-details-bin,x-request-id,content-range,accept-ranges,content-disposition,etag,"
    "last-modified,location,retry-after,x-ratelimit-limit,x-ratelimit-remaining,x-ratelimit-reset"
)
CALLER_HEADERS = (
    "authorization,content-type,range,if-range,if-match,if-none-match,if-modified-since,if-unmodified-since,"
    "x-org-id,x-request-id,x-grpc-web,x-user-agent,grpc-timeout"
)


def descriptor_file(surfaces: tuple[str, ...]) -> str:
    """Names the descriptor set of the hosts that these surfaces share: it holds no other routes."""
    return f"descriptors.{host_key(surfaces) or 'none'}.binpb"


def virtual_hosts(gateway: Gateway, listener: Listener, routes: tuple[Route, ...], folder: Path) -> list[Json]:
    """Returns a listener's virtual hosts: one for each named host, and the one for all others."""
    named = [
        _virtual_host(gateway, (surface,), [host], routes, folder) for host, surface in sorted(listener.hosts.items())
    ]
    return [*named, _virtual_host(gateway, listener.default, ["*"], routes, folder)]


def _virtual_host(
    gateway: Gateway, surfaces: tuple[str, ...], domains: list[str], routes: tuple[Route, ...], folder: Path
) -> Json:
    own = shared_routes(routes, surfaces)
    calls = [entry for route in own for entry in _rest_routes(route, gateway.limits)]
    host: Json = {
        "name": domains[0],
        "domains": domains,
        "routes": [*calls, *_grpc_routes(), _last_route(surfaces, gateway.limits)],
        "typed_per_filter_config": {},
    }
    filters: Json = {}
    if own:
        filters[TRANSCODER] = _transcoder(own, surfaces, gateway.limits, folder)
    if gateway.cors_origins:
        filters[CORS] = _cors(gateway.cors_origins)
    host["typed_per_filter_config"] = filters
    return host


def _transcoder(routes: tuple[Route, ...], surfaces: tuple[str, ...], limits: Limits, folder: Path) -> Json:
    services = sorted({str(route.method.containing_service.full_name) for route in routes})
    return {
        "@type": f"{TYPES}.extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
        "proto_descriptor": str(folder / descriptor_file(surfaces)),
        "services": services,
        "convert_grpc_status": False,
        "print_options": {
            "always_print_primitive_fields": True,
            "preserve_proto_field_names": not common_speech(surfaces).camel_case,
        },
        "request_validation_options": {"reject_unknown_method": True, "reject_unknown_query_parameters": True},
        "query_param_unescape_plus": True,
        "max_request_body_size": limits.json_bytes,
        "max_response_body_size": limits.answer_bytes,
    }


def _rest_routes(route: Route, limits: Limits) -> list[Json]:
    """Matches calls that the transcoder made; a caller cannot send `x-edge-surface`."""
    own_headers: list[Json] = [{"name": "x-edge-surface", "string_match": {"exact": route.surface}}]
    known: Json = {"surface": route.surface, "method": route.name}
    result = [_route(route, own_headers, known, limits)]
    if route.verb == "GET":
        head: Json = {"name": "x-http-method", "string_match": {"exact": "HEAD"}}
        result.insert(0, _route(route, [*own_headers, head], {**known, "head": True}, limits))
    return result


def _route(route: Route, headers: list[Json], known: Json, limits: Limits) -> Json:
    action: Json = {"cluster": "server", **_timeouts(route, limits)}
    if not route.takes_stream:
        action["retry_policy"] = _retries(route)
    return {
        "match": {"path": route.rpc, "headers": headers},
        "metadata": {"filter_metadata": {LUA: known}},
        "route": action,
    }


def _timeouts(route: Route, limits: Limits) -> Json:
    """A call has a total time; an upload or a download only has to go on."""
    if route.takes_stream:
        return {**_total(0), "timeout": "0s", "idle_timeout": f"{limits.upload_idle_sec}s"}
    if route.gives_stream:
        return {**_total(0), "timeout": "0s", "idle_timeout": f"{limits.stream_idle_sec}s"}
    return _total(limits.call_timeout_sec)


def _total(seconds: float) -> Json:
    """Counts from the first byte of the request to the last of the answer; `timeout` beside it would be ignored."""
    return {"max_stream_duration": {"max_stream_duration": f"{seconds}s"}}


PREVIOUS_HOSTS = {
    "name": "envoy.retry_host_predicates.previous_hosts",
    "typed_config": {"@type": f"{TYPES}.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"},
}


def _retries(route: Route) -> Json:
    """Hides a restarting server for a moment: what never reached it is tried again, a GET also when it was cut off."""
    reasons = "connect-failure,refused-stream" + (",reset" if route.verb == "GET" else "")
    return {
        "retry_on": reasons,
        "num_retries": 0 if route.path.endswith("/health") else 5,
        "retry_back_off": {"base_interval": "0.1s", "max_interval": "1s"},
        # Another server first, where there is one.
        "retry_host_predicate": [PREVIOUS_HOSTS],
        "host_selection_retry_max_attempts": "5",
    }


def _grpc_routes() -> list[Json]:
    """gRPC and gRPC-Web callers set their own deadlines; a watched job may be silent for long."""
    action = {**_total(0), "cluster": "server", "timeout": "0s", "idle_timeout": "3600s"}
    kind = {"name": "content-type", "string_match": {"prefix": "application/grpc"}}
    return [{"match": {"prefix": "/", "headers": [kind]}, "route": action}]


def _last_route(surfaces: tuple[str, ...], limits: Limits) -> Json:
    """What a REST request matches before the filter and the transcoder have looked at it; nothing leaves this way.

    Its total time is that of reading a JSON body. What no route is found for is refused as the first surface does.
    """
    known = {"surface": surfaces[0], "routes": host_key(surfaces)} if surfaces else {"surface": ""}
    return {
        "match": {"prefix": "/"},
        "metadata": {"filter_metadata": {LUA: known}},
        "route": {**_total(limits.call_timeout_sec), "cluster": "nowhere"},
        "typed_per_filter_config": {MUTATION: _rest_headers()},
    }


# A header's name (not `:path` and the like) with a character that a name of gRPC metadata cannot have.
_UNSPEAKABLE = "[^:0-9a-z_.-].*|[^:].*[^0-9a-z_.-].*"


def _rest_headers() -> Json:
    """Takes from REST requests what would be read as a part of the gRPC call, and what no gRPC call may have.

    The first are `grpc-timeout` and the like, and Base64 in `...-bin`; the others names that HTTP alone allows.
    """
    removed = [{"prefix": "grpc-"}, {"suffix": "-bin"}, {"safe_regex": {"regex": _UNSPEAKABLE}}]
    mutations = [{"remove_on_match": {"key_matcher": matcher}} for matcher in removed]
    kind = f"{TYPES}.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute"
    return {"@type": kind, "mutations": {"request_mutations": mutations}}


def _cors(origins: tuple[str, ...]) -> Json:
    return {
        "@type": f"{TYPES}.extensions.filters.http.cors.v3.CorsPolicy",
        "allow_origin_string_match": [{"exact": origin} for origin in origins],
        "allow_methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        "allow_headers": CALLER_HEADERS,
        "expose_headers": EXPOSED_HEADERS,
        "max_age": "600",
        "allow_credentials": False,
    }


def broken_answers() -> list[Json]:
    """Writes the error, in each dialect but SOPilot's, of an answer that cannot be made any more; no filter sees it."""
    surfaces = sorted(surface for surface, speech in SPEECH.items() if speech.dialect == "wavestack")
    spoken: Json = {"name": "x-edge-surface", "string_match": {"safe_regex": {"regex": "|".join(surfaces)}}}
    broken = {"op": "EQ", "value": {"default_value": 500, "runtime_key": "edge.broken_status"}}
    filters = [{"header_filter": {"header": spoken}}, {"status_code_filter": {"comparison": broken}}]
    error = {"code": "INTERNAL_ERROR", "message": "%LOCAL_REPLY_BODY%", "details": {}}
    return [
        {
            "filter": {"and_filter": {"filters": filters}},
            "body": {"inline_string": "An internal error occurred."},
            "body_format_override": {"json_format": {"error": error}, "content_type": "application/json"},
        }
    ]


ACCESS_LOG_FIELDS = {
    "time": "%START_TIME%",
    "request_id": "%REQ(X-REQUEST-ID)%",
    "client": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "host": "%REQ(:AUTHORITY)%",
    "protocol": "%PROTOCOL%",
    "method": "%REQ(X-HTTP-METHOD?:METHOD)%",
    "path": "%PATH(NQ:ORIG_OR_PATH)%",
    "rpc": "%PATH(NQ:PATH)%",
    "status": "%RESPONSE_CODE%",
    "grpc_status": "%GRPC_STATUS%",
    "duration_ms": "%DURATION%",
    "bytes_received": "%BYTES_RECEIVED%",
    "bytes_sent": "%BYTES_SENT%",
    "upstream": "%UPSTREAM_HOST%",
    "flags": "%RESPONSE_FLAGS%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "user_agent": "%REQ(USER-AGENT)%",
}
"""What is logged of a request: neither credentials nor query parameters."""


def access_log(gateway: Gateway) -> list[Json]:
    """Writes one JSON object a line, to a file or to standard output."""
    form = {"json_format": ACCESS_LOG_FIELDS}
    if gateway.access_log is None:
        name, config = "stdout", {"@type": f"{TYPES}.extensions.access_loggers.stream.v3.StdoutAccessLog"}
    else:
        kind = f"{TYPES}.extensions.access_loggers.file.v3.FileAccessLog"
        name, config = "file", {"@type": kind, "path": str(gateway.access_log)}
    return [{"name": f"envoy.access_loggers.{name}", "typed_config": {**config, "log_format": form}}]
