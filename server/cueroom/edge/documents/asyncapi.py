"""AsyncAPI 3.0: the sockets by which feeds bring events and programs follow a show."""

from functools import cache
from typing import Any
from urllib.parse import urlsplit

from cueroom.edge import closing
from cueroom.edge.documents import schemas
from cueroom.edge.documents.schemas import UNITS, VERSION, Schema, ref
from cueroom.show.wire import CODECS, Hello

Document = dict[str, Any]

FEEDS_CLOSES = {
    closing.UNREADABLE: "a frame that cannot be read",
    closing.TOO_BIG: "a frame or batch over its limit",
    closing.FAILED: "the server failed; connect again",
    closing.RESTART: "this server stops; connect again",
    closing.TRY_LATER: "the store is down or full; connect again later",
    closing.BROKEN_SEQUENCE: "a batch out of sequence, or no hello",
    closing.KEY_REVOKED: "the key was revoked or has expired",
    closing.TAKEN_OVER: "a newer connection has this producer's name",
}
SCREENS_CLOSES = {
    closing.FAILED: "the server failed; connect again",
    closing.RESTART: "this server stops; connect again",
    closing.TRY_LATER: "too slow; connect again",
    closing.KEY_REVOKED: "the key was revoked or has expired",
}


def describe_sockets(url: str) -> Document:
    """The AsyncAPI document of a server at that HTTP address."""
    address = urlsplit(url)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Cueroom",
            "version": VERSION,
            "description": f"{UNITS} What goes by HTTP is described by `/openapi.json`.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "cueroom": {
                "host": address.netloc,
                "pathname": address.path,
                "protocol": "wss" if address.scheme == "https" else "ws",
                "security": [ref("key", "securitySchemes")],
            }
        },
        "channels": {"ingest": _ingest(), "feed": _feed()},
        "operations": {
            "greet": _operation("receive", "ingest", "hello", reply="welcome"),
            "pushBatch": _operation("receive", "ingest", "batch", reply="acknowledgement"),
            "followShow": _operation("send", "feed", "state"),
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key of the show, from `cueroom keys`: `Authorization: Bearer KEY`.",
                }
            },
        },
    }


def _ingest() -> Schema:
    return {
        "address": "/v1/shows/{show}/ingest",
        "title": "A feed's events",
        "description": "Role `ingest`. The subprotocol chooses the spelling of the same maps: text frames of JSON or "
        "binary frames of msgpack. Nothing is acknowledged before it is in Redis; after a lost connection, sending "
        "again everything unacknowledged counts it once. Refused before the upgrade, with a problem document: an "
        "unknown show (404), a missing or wrong key (401, 403), an unknown subprotocol (400), a server that stops or "
        "has more than it can do (503, with `Retry-After`).",
        "parameters": _PARAMETERS,
        "messages": {
            "hello": _message("Hello", "The first message: names the feed, stable over reconnects."),
            "welcome": _message("WelcomeMessage", "Where to go on, and the limits."),
            "batch": _message("Batch", "The next events. Bad ones are rejected alone, the rest counts."),
            "acknowledgement": _message("Acknowledgement", "Cumulative: these batches are durable."),
        },
        "bindings": _handshake(
            {"Sec-WebSocket-Protocol": {"type": "string", "enum": sorted(CODECS)}}, ["Sec-WebSocket-Protocol"]
        ),
        "x-close-codes": FEEDS_CLOSES,
    }


def _feed() -> Schema:
    return {
        "address": "/v1/shows/{show}/feed",
        "title": "The show as it changes",
        "description": "Role `producer`, `host` or `viewer`; text frames of JSON, no subprotocol. The whole state "
        "comes first, then whole states as they change: cues and commands at once (no more than ten states a second "
        "but for cues), all else at most four times a second, and at least one a second in any case. A slow reader "
        "gets the latest state, but every change of a cue. A reader may tell that it has painted a frame, by "
        '`{"time": …}` with the time of that frame: it is then among the `screens` with its delay. Nothing else that '
        "it sends is looked at.",
        "parameters": _PARAMETERS,
        "messages": {"state": _message("FeedFrame", "The whole state; `changed` holds the cues that changed.")},
        "bindings": _handshake({}, []),
        "x-close-codes": SCREENS_CLOSES,
    }


_PARAMETERS = {"show": {"description": "id of the show"}}


def _message(schema: str, summary: str) -> Schema:
    return {"name": schema, "summary": summary, "payload": ref(schema)}


def _handshake(headers: Schema, required: list[str]) -> Schema:
    authorization = {"Authorization": {"type": "string", "pattern": "^Bearer "}}
    return {
        "ws": {
            "method": "GET",
            "headers": {
                "type": "object",
                "properties": authorization | headers,
                "required": ["Authorization", *required],
            },
            "bindingVersion": "0.1.0",
        }
    }


def _operation(action: str, channel: str, message: str, reply: str = "") -> Schema:
    """What the server does on a channel; where it answers, on the same one."""
    place = {"$ref": f"#/channels/{channel}"}
    answered = {"reply": {"channel": place, "messages": [_on(channel, reply)]}} if reply else {}
    return {"action": action, "channel": place, "messages": [_on(channel, message)], **answered}


def _on(channel: str, message: str) -> Schema:
    return {"$ref": f"#/channels/{channel}/messages/{message}"}


@cache
def _schemas() -> dict[str, Schema]:
    drawn = schemas.components(
        Hello=Hello,
        WelcomeMessage=schemas.WelcomeMessage,
        Batch=schemas.Batch,
        Acknowledgement=schemas.Acknowledgement,
        FeedFrame=schemas.FeedFrame,
    )
    # AsyncAPI's discriminator means something else than OpenAPI's; the types' own names tell the events apart.
    del drawn["Batch"]["properties"]["events"]["items"]["discriminator"]
    return drawn
