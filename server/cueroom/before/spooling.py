"""Spooling: a large upload into a file that has no name, as it comes."""

from tempfile import TemporaryFile
from typing import BinaryIO, cast

from starlette.requests import Request

from cueroom.edge.bodies import pour
from cueroom.edge.problems import Problem


async def spool(request: Request, most_bytes: int) -> BinaryIO | Problem:
    """The body as a file, read no further than its limit; it is gone once it is closed."""
    file = cast(BinaryIO, TemporaryFile())  # noqa: SIM115  # the caller reads and closes it

    async def take(chunk: bytes) -> None:
        file.write(chunk)  # some 64 KB into the system's cache: too little to hand it to a thread

    problem = await pour(request, most_bytes, take)
    if problem:
        file.close()
        return problem
    file.seek(0)
    return file
