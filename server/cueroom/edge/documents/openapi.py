"""OpenAPI 3.1: the contract's HTTP addresses, with what they take and answer."""

from functools import cache
from typing import Any

from cueroom.commands import AnyCommand
from cueroom.edge.documents import schemas
from cueroom.edge.documents.schemas import UNITS, VERSION, Schema, ref
from cueroom.show.events import AnyEvent

Document = dict[str, Any]

PROBLEMS = {
    400: "The request is not what it should be; `detail` says what would be right.",
    401: "No key, or one that is not valid (any more).",
    403: "The key is for another role, or a cookie was sent from a foreign page.",
    404: "No such show, item, host or cue.",
    408: "The body stopped coming.",
    409: "Not possible in the present state of the show; `rev` is the present revision.",
    412: "The show was changed since `if_rev`; `rev` is the present revision.",
    413: "More bytes or events than one request may have.",
    429: "Too many requests at once; try again.",
    503: "The store does not answer or is full, or this server stops or has more than it can do. Nothing was taken.",
}
"""What each status means here; the body is a problem document."""

RETRIED = (429, 503)
"""The statuses that come with `Retry-After`."""


@cache
def describe_http() -> Document:
    """The OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Cueroom",
            "version": VERSION,
            "summary": "A control room for livestream sales shows.",
            "description": f"{UNITS} The sockets of feeds and screens are described by `/asyncapi.json`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"key": []}],
        "paths": {
            "/v1/shows/{show}": {"parameters": [_SHOW], "get": _STATE},
            "/v1/shows/{show}/events": {"parameters": [_SHOW], "post": _EVENTS},
            "/v1/shows/{show}/commands": {"parameters": [_SHOW], "post": _COMMANDS},
            "/healthz": {"get": _open("health", "The process is up.", _text())},
            "/readyz": {"get": _open("ready", "Redis answers, and the process is not stopping.", _text(503))},
            "/metrics": {"get": _open("metrics", "Figures for Prometheus, as text or OpenMetrics.", _METRICS)},
            "/openapi.json": {"get": _open("openapi", "This document.", {"200": _json({}, "OpenAPI 3.1")})},
            "/asyncapi.json": {"get": _open("asyncapi", "The sockets.", {"200": _json({}, "AsyncAPI 3.0")})},
        },
        "components": {
            "schemas": schemas.components(
                Event=AnyEvent,
                Command=AnyCommand,
                CloudEvent=schemas.CloudEvent,
                Counted=schemas.Counted,
                CommandAnswer=schemas.CommandAnswer,
                State=schemas.State,
                ProblemDocument=schemas.ProblemDocument,
            ),
            "responses": {f"Problem{status}": _problem(status) for status in PROBLEMS},
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key of the show, from `cueroom keys`. Browsers that opened a `/join/` link send "
                    "it as a cookie instead.",
                }
            },
        },
    }


def _json(schema: Schema, description: str) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _text(*further: int) -> Schema:
    return {
        str(status): {"description": "In a word or two.", "content": {"text/plain": {"schema": {"type": "string"}}}}
        for status in (200, *further)
    }


def _open(operation_id: str, summary: str, responses: Schema) -> Schema:
    """An address that needs no key."""
    return {"operationId": operation_id, "summary": summary, "security": [], "responses": responses}


def _problem(status: int) -> Schema:
    wait = {"Retry-After": {"description": "in seconds", "schema": {"type": "integer"}}}
    return {
        "description": PROBLEMS[status],
        "headers": wait if status in RETRIED else {},
        "content": {"application/problem+json": {"schema": ref("ProblemDocument")}},
    }


def _problems(*statuses: int) -> Schema:
    return {str(status): ref(f"Problem{status}", "responses") for status in statuses}


_SHOW = {
    "name": "show",
    "in": "path",
    "required": True,
    "description": "id of the show",
    "schema": {"type": "string"},
}
_METRICS = {
    "200": {
        "description": "The figures of all worker processes.",
        "content": {media: {"schema": {"type": "string"}} for media in ("text/plain", "application/openmetrics-text")},
    }
}
_STATE = {
    "operationId": "readState",
    "summary": "The whole state of a show.",
    "description": "Any key of the show may read it.",
    "responses": {"200": _json(ref("State"), "The state now."), **_problems(401, 403, 404, 503)},
}
_EVENTS = {
    "operationId": "postEvents",
    "summary": "What happened in the room.",
    "description": "Role `ingest`. Every event that has an `id` counts once per source, type and id; order events once "
    "per `id` and type, whichever way they come. Bad events are rejected alone.",
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"anyOf": [ref("Event"), {"type": "array", "items": ref("Event")}]}},
            "application/cloudevents+json": {"schema": ref("CloudEvent")},
            "application/cloudevents-batch+json": {"schema": {"type": "array", "items": ref("CloudEvent")}},
        },
    },
    "responses": {
        "200": _json(ref("Counted"), "All events were taken, or known already."),
        "207": _json(ref("Counted"), "Some events were rejected."),
        **_problems(400, 401, 403, 404, 408, 413, 429, 503),
    },
}
_COMMANDS = {
    "operationId": "sendCommand",
    "summary": "What a person does to the show.",
    "description": "Role `producer`. With `if_rev` a command is carried out only if nobody acted since that revision.",
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "A repeated key gets the first answer again, for 24 hours.",
            "schema": {"type": "string"},
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            media: {"schema": ref("Command")} for media in ("application/json", "application/x-www-form-urlencoded")
        },
    },
    "responses": {
        "200": _json(ref("CommandAnswer"), "Carried out."),
        **_problems(400, 401, 403, 404, 408, 409, 412, 413, 503),
    },
}
