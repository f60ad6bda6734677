"""The program's own documents: OpenAPI 3.1 for what goes by HTTP, AsyncAPI 3.0 for the sockets of feeds and screens."""

from starlette.requests import Request
from starlette.responses import Response

from cueroom.edge.answers import json_answer
from cueroom.edge.documents.asyncapi import describe_sockets
from cueroom.edge.documents.openapi import describe_http
from cueroom.edge.services import services_of


async def handle_openapi(_: Request) -> Response:
    """`/openapi.json`."""
    return json_answer(describe_http())


async def handle_asyncapi(request: Request) -> Response:
    """`/asyncapi.json`, with the address it was asked at, or the public one where that is set."""
    url = services_of(request).settings.public_url or str(request.base_url)
    return json_answer(describe_sockets(url))
