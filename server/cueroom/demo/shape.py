"""The demonstration: made-up shows, and the order that the process which feeds them gets."""

import asyncio
import os
import sys
from enum import StrEnum
from importlib import resources
from typing import BinaryIO

import msgspec

from cueroom import showfile
from cueroom.audience import LAUNCH, SMALL, Params
from cueroom.clock import Clock
from cueroom.rehearsal import audience_of
from cueroom.show.rundown import Rundown

FEED = [sys.executable, "-m", "cueroom.demo.feed"]

SEED = 4
"""A launch with this seed reaches ten million yuan with half of its items above ten thousand orders."""

_IDENTIFIED_PER_S = 12_000
"""Entries a real second up to which the demonstration names each viewer; above it, totals."""

_SHOW_S = 10_800
_SEEN_S = 2.5
"""Real seconds that something must last to be seen on a screen."""


class Shape(StrEnum):
    """Which made-up show: a star's launch with ten million entries, or one host and five thousand orders."""

    LAUNCH = "launch"
    SMALL = "small"


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the feeding process is to do. `starts_at` in ms of show time; `clock` is the server's; `parent` is the
    process whose end is also the feed's. With a `rundown` it is that show which is played, else that of the shape."""

    url: str
    show: str
    ingest_key: str
    producer_key: str
    shape: Shape = Shape.LAUNCH
    seed: int = SEED
    starts_at: int
    clock: Clock
    autopilot: bool = False
    producer: str = "demo"
    rundown: Rundown | None = None
    parent: int = 0


def load_show(shape: Shape, starts_at_ms: int) -> Rundown:
    """The made-up show of that shape, starting then."""
    content = resources.files("cueroom.demo").joinpath("shows", f"{shape.value}.toml").read_bytes()
    rundown = showfile.parse(content)
    if isinstance(rundown, list):
        raise ValueError("; ".join(str(problem) for problem in rundown))
    return msgspec.structs.replace(rundown, starts_at=starts_at_ms)


def audience_params(shape: Shape, speed: float) -> Params:
    """The crowd of that shape, its viewers named one by one as far as that can be sent at that speed, its feed's gap
    long enough to be seen."""
    params = {Shape.LAUNCH: LAUNCH, Shape.SMALL: SMALL}[shape]
    entries_per_s = params.entries / _SHOW_S * speed
    return msgspec.structs.replace(
        params, identified=entries_per_s <= _IDENTIFIED_PER_S, gap_s=max(params.gap_s, _SEEN_S * speed)
    )


def show_of(order: Order) -> Rundown:
    """The show that the order is about."""
    return order.rundown or load_show(order.shape, order.starts_at)


def crowd_of(order: Order) -> Params:
    """Who comes to it: the crowd of its shape, or one that would buy about what is planned."""
    return audience_of(order.rundown) if order.rundown else audience_params(order.shape, order.clock.speed)


async def start_feed(order: Order, stdout: int | None = None) -> asyncio.subprocess.Process:
    """Starts the process that feeds the show, as a child of this one. Its order goes down a pipe: keys do not belong
    on a command line, and a rundown does not fit there."""
    process = await asyncio.create_subprocess_exec(*FEED, stdin=asyncio.subprocess.PIPE, stdout=stdout)
    assert process.stdin  # noqa: S101  # it is a pipe
    process.stdin.write(msgspec.json.encode(msgspec.structs.replace(order, parent=os.getpid())))
    process.stdin.close()
    return process


def read_order(stream: BinaryIO) -> Order:
    """The order of this process. Raises msgspec.ValidationError."""
    return msgspec.json.decode(stream.read(), type=Order)
