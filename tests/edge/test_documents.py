"""Laws of the program's own documents: valid, without a gap, and real answers are what they say."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import jsonschema
import openapi_spec_validator
import pytest
from starlette.routing import Route, WebSocketRoute

from conftest import Server, ShowOnServer
from cueroom.app import create_app
from cueroom.edge import closing
from cueroom.intake.posting import READERS
from cueroom.settings import load
from cueroom.show.events import TYPES
from feeding import PlainFeed, order
from waiting import PATIENCE_S

Document = dict[str, Any]


@pytest.fixture(scope="module")
def openapi(server: Server) -> Document:
    return fetch(server, "/openapi.json")


@pytest.fixture(scope="module")
def asyncapi(server: Server) -> Document:
    return fetch(server, "/asyncapi.json")


def fetch(server: Server, path: str) -> Document:
    response = httpx2.get(server.url + path, timeout=PATIENCE_S)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    document: Document = response.json()
    return document


def check(document: Document, schema: Any, value: Any, *, strictly: bool = True) -> None:
    """The value is what that schema of the document says; strictly, it has no field that is not described."""
    components = json.loads(json.dumps(document["components"]))
    for part in components["schemas"].values() if strictly else ():
        if "properties" in part:
            part["additionalProperties"] = False
    jsonschema.Draft202012Validator({**schema, "components": components}).validate(value)


def schema_of(name: str) -> Any:
    return {"$ref": f"#/components/schemas/{name}"}


def references(value: Any) -> Iterator[str]:
    """Every `$ref` in a document."""
    if isinstance(value, dict):
        yield from [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


def at(document: Document, reference: str) -> Any:
    """What a reference leads to."""
    place: Any = document
    for step in reference.removeprefix("#/").split("/"):
        place = place[step]
    return place


# The documents themselves


def test_the_http_document_is_valid(openapi: Document) -> None:
    openapi_spec_validator.validate(openapi)
    assert openapi["openapi"].startswith("3.1.")


def test_every_reference_of_both_documents_leads_somewhere(openapi: Document, asyncapi: Document) -> None:
    for document in (openapi, asyncapi):
        assert all(at(document, reference) for reference in references(document))


def test_every_schema_is_one(openapi: Document, asyncapi: Document) -> None:
    for document in (openapi, asyncapi):
        for schema in document["components"]["schemas"].values():
            jsonschema.Draft202012Validator.check_schema(schema)


def test_operations_use_the_messages_of_their_channel(asyncapi: Document) -> None:
    used = set()
    for operation in asyncapi["operations"].values():
        for side in (operation, operation.get("reply")):
            for message in side["messages"] if side else ():
                assert message["$ref"].startswith(side["channel"]["$ref"] + "/messages/")
                used.add(message["$ref"])
    channels = asyncapi["channels"]
    assert used == {f"#/channels/{name}/messages/{told}" for name in channels for told in channels[name]["messages"]}


def test_no_address_for_programs_is_left_out(openapi: Document, asyncapi: Document) -> None:
    routes = create_app(load({"redis": "unix:///nowhere"}, {})).routes
    for_programs = r"/(?!shows|join|static|new\b|lessons\b|papers?\b|products\b|hosts\b|assortment\b|\{)\w"
    programs = [route for route in routes if re.match(for_programs, getattr(route, "path", ""))]
    sockets = {route.path for route in programs if isinstance(route, WebSocketRoute)}
    assert {channel["address"] for channel in asyncapi["channels"].values()} == sockets
    http = {
        (route.path, method.lower())
        for route in programs
        if isinstance(route, Route) and route.path not in sockets
        for method in (route.methods or set()) - {"HEAD"}
    }
    told = {(path, method) for path, methods in openapi["paths"].items() for method in methods.keys() - {"parameters"}}
    assert told == http


def test_posts_may_have_every_media_type_that_is_read(openapi: Document) -> None:
    assert set(openapi["paths"]["/v1/shows/{show}/events"]["post"]["requestBody"]["content"]) == set(READERS)


def test_the_sockets_document_names_the_server_it_came_from(server: Server, asyncapi: Document) -> None:
    told = asyncapi["servers"]["cueroom"]
    assert f"{told['protocol']}://{told['host']}" == server.ws_url


# Real answers


def check_answer(openapi: Document, path: str, response: httpx2.Response) -> None:
    """The response is one that the document tells for that address, in status, media type and body."""
    method = response.request.method.lower()
    told = openapi["paths"][path][method]["responses"][str(response.status_code)]
    told = at(openapi, told["$ref"]) if "$ref" in told else told
    media = response.headers["content-type"].partition(";")[0]
    body = response.text if media.startswith("text/") else response.json()
    check(openapi, told["content"][media]["schema"], body)


def test_a_state_is_what_the_document_says(openapi: Document, show: ShowOnServer) -> None:
    check(openapi, schema_of("State"), show.state())
    with show.connect_ingest() as socket:
        PlainFeed(socket).push([order("1"), {"type": "room.online", "n": 12}])
    show.command("present", sku="V01")
    recalled = show.command("message", text="再讲1分钟").json()["cue"]
    show.command("recall", cue=recalled)
    show.command("message", text="慢一点", to="lead")
    state = show.state()
    assert state["live"]
    assert state["cues"]
    assert state["closed_cues"]
    assert state["feeds"]
    check(openapi, schema_of("State"), state)


def test_what_is_answered_to_events_is_what_the_document_says(openapi: Document, show: ShowOnServer) -> None:
    path = "/v1/shows/{show}/events"
    event = {"specversion": "1.0", "type": "room.online", "id": "e1", "source": "a", "data": {"n": 3}}
    check(openapi, schema_of("CloudEvent"), event)
    responses = [
        show.post([order("1"), {"type": "viewer.liked", "n": 3}]),
        show.post([order("1"), order("2", sku="V99")]),
        show.post(event, "application/cloudevents+json"),
        show.post(b"[", "application/json"),
        show.post([], "text/plain"),
        show.post([{"type": "show.ended"}] * 10_001),
    ]
    assert [response.status_code for response in responses] == [200, 207, 200, 400, 400, 413]
    for response in responses:
        check_answer(openapi, path, response)


def test_what_is_answered_to_commands_is_what_the_document_says(openapi: Document, show: ShowOnServer) -> None:
    path = "/v1/shows/{show}/commands"
    responses = [
        show.command("start"),
        show.command("present", sku="V01"),
        show.command("message", text="慢一点"),
        show.command("dismiss", cue="c-1"),
        show.command("release", sku="V01", units=60),
        show.command("release", sku="V01", units=1),
        show.command("present", sku="V01", if_rev=0),
        show.command("present", sku="V99"),
        show.command("dance"),
        show.command("message", text="长" * 20_000),
    ]
    assert [response.status_code for response in responses] == [200, 200, 200, 200, 200, 409, 412, 404, 400, 413]
    for response in responses:
        check_answer(openapi, path, response)


def test_who_has_no_right_key_is_answered_as_the_document_says(openapi: Document, show: ShowOnServer) -> None:
    state, commands = "/v1/shows/{show}", "/v1/shows/{show}/commands"
    missing = show.http.get(f"/v1/shows/{show.id}")
    wrong = show.http.post(f"/v1/shows/{show.id}/commands", headers=show.headers("viewer"), json={"command": "start"})
    nowhere = show.http.get("/v1/shows/none", headers=show.headers("viewer"))
    assert [response.status_code for response in (missing, wrong, nowhere)] == [401, 403, 404]
    for path, response in ((state, missing), (commands, wrong), (state, nowhere)):
        check_answer(openapi, path, response)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json", "/asyncapi.json"])
def test_addresses_that_need_no_key_answer_as_the_document_says(openapi: Document, server: Server, path: str) -> None:
    check_answer(openapi, path, httpx2.get(server.url + path, timeout=PATIENCE_S))


# Real frames


@pytest.mark.parametrize("protocol", ["cueroom.v1.json", "cueroom.v1.msgpack"])
def test_a_feeds_conversation_is_what_the_document_says(asyncapi: Document, show: ShowOnServer, protocol: str) -> None:
    handshake = asyncapi["channels"]["ingest"]["bindings"]["ws"]["headers"]["properties"]["Sec-WebSocket-Protocol"]
    assert protocol in handshake["enum"]
    batch = [order("1"), {"type": "viewer.entered", "n": 5, "viewer": "a", "stay_s": 1.5}]
    with show.connect_ingest(protocol) as socket:
        feed = PlainFeed(socket)
        check(asyncapi, schema_of("WelcomeMessage"), {"welcome": feed.welcome})
        check(asyncapi, schema_of("Acknowledgement"), feed.push(batch))
        check(asyncapi, schema_of("Acknowledgement"), feed.push([{"type": "dance"}]))
    check(asyncapi, schema_of("Hello"), {"hello": {"producer": "feed-1"}})
    check(asyncapi, schema_of("Batch"), {"seq": 1, "events": batch})


def test_a_batch_of_strangers_is_not_what_the_document_says(asyncapi: Document) -> None:
    for event in ({"type": "dance"}, {"type": "order.paid", "id": "1"}, {"type": "room.online", "n": -1}):
        with pytest.raises(jsonschema.ValidationError):
            check(asyncapi, schema_of("Batch"), {"seq": 1, "events": [event]})


def test_every_type_of_event_is_in_both_documents(openapi: Document, asyncapi: Document) -> None:
    assert set(openapi["components"]["schemas"]["Event"]["discriminator"]["mapping"]) == set(TYPES)
    for document in (openapi, asyncapi):
        tags = [
            part["properties"].get("type", {})
            for part in document["components"]["schemas"].values()
            if "properties" in part
        ]
        assert set(TYPES) <= {name for tag in tags for name in tag.get("enum", ())}


def test_the_frames_of_the_feed_are_what_the_document_says(asyncapi: Document, show: ShowOnServer) -> None:
    with show.connect_feed() as socket:
        check(asyncapi, schema_of("FeedFrame"), json.loads(socket.recv(timeout=PATIENCE_S)))
        show.command("message", text="慢一点")
        frame: Any = {"changed": []}
        while not frame["changed"]:
            frame = json.loads(socket.recv(timeout=PATIENCE_S))
        check(asyncapi, schema_of("FeedFrame"), frame)


def test_every_code_we_close_with_is_told(asyncapi: Document) -> None:
    ours = {name: code for name, code in vars(closing).items() if name.isupper() and isinstance(code, int)}
    del ours["NO_STATUS"], ours["REASON_BYTES"]
    told = {int(code) for channel in asyncapi["channels"].values() for code in channel["x-close-codes"]}
    assert told == set(ours.values())
