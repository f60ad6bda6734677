"""Settings: one table of names, defaults, units and meanings, read from options and CUEROOM_* variables."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

REDIS_URL = r"^$|^(unix|rediss?(\+cluster|\+sentinel)?)://.+"
HTTP_URL = r"^$|^https?://[^/\s?#]+/?$"


def _meta(meaning: str, unit: str = "", right: str = "", **limits: Any) -> Meta:
    return Meta(description=meaning, extra={"unit": unit, "right": right}, **limits)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set. A field `keep_days` is the option `--keep-days` and the variable
    CUEROOM_KEEP_DAYS; this class is the table that options, validation and README are made of."""

    host: Annotated[str, _meta("address to listen on", right="a host name or address", min_length=1)] = "127.0.0.1"
    port: Annotated[int, _meta("port to listen on; 0 takes a free one", ge=0, le=65_535)] = 8080
    data: Annotated[
        str,
        _meta(
            "directory of the embedded Redis and of the papers' files; empty: $XDG_DATA_HOME/cueroom or "
            "~/.local/share/cueroom"
        ),
    ] = ""
    redis: Annotated[
        str,
        _meta(
            "Redis to use instead of the embedded one",
            right="a redis://, rediss://, unix://, redis+cluster:// or redis+sentinel:// URL, or nothing",
            pattern=REDIS_URL,
        ),
    ] = ""
    replicas: Annotated[
        int, _meta("replicas of the Redis that must have a batch before it is acknowledged", ge=0, le=16)
    ] = 0
    workers: Annotated[int, _meta("worker processes", ge=1, le=256)] = 1
    public_url: Annotated[
        str,
        _meta(
            "base of the links handed out; empty: http://HOST:PORT",
            right="a URL without a path, such as https://cueroom.example.org",
            pattern=HTTP_URL,
        ),
    ] = ""
    keep_days: Annotated[int, _meta("how long a show is kept after its end", "days", ge=1, le=3650)] = 30
    key_ttl_h: Annotated[int, _meta("lifetime of a new key", "hours", ge=1, le=87_600)] = 720
    window: Annotated[int, _meta("unacknowledged batches a feed may have", ge=1, le=4096)] = 64
    max_events: Annotated[int, _meta("most events in a batch", ge=1, le=100_000)] = 10_000
    max_bytes: Annotated[int, _meta("largest frame or request body", "bytes", ge=1024, le=64 << 20)] = 1 << 20
    max_file_bytes: Annotated[int, _meta("largest file of a paper", "bytes", ge=1024, le=1 << 30)] = 20 << 20
    max_connections: Annotated[
        int, _meta("connections one worker keeps open; further sockets get 503", ge=8, le=1_000_000)
    ] = 10_000
    max_in_flight: Annotated[
        int,
        _meta(
            "what one worker has read and not yet made durable; past it feeds wait and new sockets get 503",
            "bytes",
            ge=1024,
            le=16 << 30,
        ),
    ] = 64 << 20
    max_lag_ms: Annotated[
        int,
        _meta("how late a worker may come to its work for a second before new sockets get 503", "ms", ge=10, le=60_000),
    ] = 500
    head_s: Annotated[
        float, _meta("longest wait for a request's head, and for each piece of its body", "seconds", gt=0, le=600)
    ] = 10.0
    drain_s: Annotated[float, _meta("longest wait for open work at the end", "seconds", ge=0, le=600)] = 10.0
    fsync: Annotated[
        Literal["always", "everysec"], _meta("when the embedded Redis forces what it wrote to the disk")
    ] = "always"
    log_level: Annotated[Literal["debug", "info", "warning", "error"], _meta("least severe log line written")] = "info"
    log_format: Annotated[
        Literal["auto", "console", "json"], _meta("form of log lines; auto: console on a terminal, else json")
    ] = "auto"
    clock_origin: Annotated[
        int, _meta("real instant from which the clock runs at its own speed; 0: real time", "ms since 1970", ge=0)
    ] = 0
    clock_speed: Annotated[float, _meta("speed of the clock from its origin on", "times real time", gt=0, le=3600)] = (
        1.0
    )

    def base_url(self, port: int) -> str:
        """What links start with, without a slash at the end; `port` is the one really bound."""
        return self.public_url.rstrip("/") or http_url(self.host, port)


def http_url(host: str, port: int) -> str:
    """`http://host:port`, with the brackets an IPv6 address needs."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Setting(msgspec.Struct, frozen=True):
    """One line of the table. `right` says which values are."""

    name: str
    type: Any
    default: str
    unit: str
    meaning: str
    right: str

    @property
    def variable(self) -> str:
        return f"CUEROOM_{self.name.upper()}"

    @property
    def option(self) -> str:
        return f"--{self.name.replace('_', '-')}"


def table() -> tuple[Setting, ...]:
    """All settings, in the order of the documentation."""
    return tuple(_rows())


def _rows() -> Iterator[Setting]:
    hints = get_type_hints(Settings, include_extras=True)
    for field in msgspec.structs.fields(Settings):
        hint = hints[field.name]
        base, meta = get_args(hint)
        extra = meta.extra
        right = extra["right"] or _describe_right(base, meta)
        yield Setting(field.name, hint, str(field.default), extra["unit"], meta.description, right)


def _describe_right(base: Any, meta: Meta) -> str:
    if get_origin(base) is Literal:
        return "one of " + ", ".join(get_args(base))
    if base is str:
        return "text"
    kind = "a whole number" if base is int else "a number"
    low = f"above {meta.gt}" if meta.gt is not None else f"from {meta.ge}"
    return f"{kind} {low}" + (f" to {meta.le}" if meta.le is not None else "")


class SettingsError(ValueError):
    """Settings that cannot be used; `problems` has a sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load(options: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    """Settings from given options (by field name; None means not given), then variables, then defaults.

    Raises SettingsError with all problems at once."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for setting in table():
        given, where = options.get(setting.name), setting.option
        if given is None:
            given, where = environment.get(setting.variable), setting.variable
        if given is None:
            continue
        try:
            values[setting.name] = msgspec.convert(given, setting.type, strict=False)
        except msgspec.ValidationError:
            problems.append(f"{where} is {str(given)!r}; right would be {setting.right}.")
    if values.get("clock_speed", 1.0) != 1.0 and not values.get("clock_origin"):
        problems.append("CUEROOM_CLOCK_SPEED needs CUEROOM_CLOCK_ORIGIN: the instant from which the clock is faster.")
    if values.get("replicas") and not values.get("redis"):
        problems.append("CUEROOM_REPLICAS needs CUEROOM_REDIS: the embedded Redis has no replicas.")
    if problems:
        raise SettingsError(problems)
    values["data"] = str(_data_dir(values.get("data", ""), environment))
    return Settings(**values)


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables from which another process reads the same settings."""
    return {setting.variable: str(getattr(settings, setting.name)) for setting in table()}


def _data_dir(given: str, environment: Mapping[str, str]) -> Path:
    if given:
        return Path(given).expanduser().absolute()
    home = environment.get("XDG_DATA_HOME", "")
    # The XDG specification asks to ignore relative paths.
    return (Path(home) if home.startswith("/") else Path("~/.local/share").expanduser()) / "cueroom"
