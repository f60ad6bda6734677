"""Laws of the embedded Redis."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from ctypes.util import find_library
from pathlib import Path

import pytest
import redis.asyncio as redis

from cueroom.processes import keeper
from cueroom.processes.embedded import Embedded, EmbeddedError, embedded_redis, is_abandoned
from waiting import PATIENCE_S

USER = """
import asyncio, sys
from pathlib import Path
from cueroom.processes.embedded import embedded_redis

async def main():
    async with embedded_redis(Path(sys.argv[1]), "always") as server:
        print(server.url, server.found, flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


@contextlib.asynccontextmanager
async def opened(directory: Path) -> AsyncIterator[tuple[Embedded, "redis.Redis"]]:
    async with embedded_redis(directory, "always") as server, redis.from_url(server.url) as client:
        yield server, client


def other_command(directory: Path) -> subprocess.Popen[str]:
    """Another process that keeps the directory's server in use until its input is closed."""
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def first_line(command: subprocess.Popen[str]) -> str:
    assert command.stdout is not None
    return command.stdout.readline().strip()


async def server_pid(client: "redis.Redis") -> int:
    return int((await client.info("server"))["process_id"])


def remove(directory: Path, pattern: str) -> None:
    for path in directory.glob(pattern):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


async def answers(url: str) -> bool:
    async with redis.from_url(url) as client:
        with contextlib.suppress(redis.ConnectionError, redis.BusyLoadingError):
            return bool(await client.ping())
    return False


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await true():  # noqa: ASYNC110 - other processes set no events
            await asyncio.sleep(0.02)


def test_what_was_written_is_there_the_next_time(tmp_path: Path) -> None:
    async def write() -> None:
        async with opened(tmp_path) as (server, client):
            assert not server.found
            await client.set("gmv", 42)

    async def read() -> None:
        async with opened(tmp_path) as (_, client):
            assert await client.get("gmv") == b"42"

    asyncio.run(write())
    asyncio.run(read())


def test_it_is_durable_listens_on_no_port_and_never_evicts(tmp_path: Path) -> None:
    async def look() -> None:
        async with opened(tmp_path) as (server, client):
            config = await client.config_get("*")
            assert (config["port"], config["appendonly"], config["appendfsync"]) == ("0", "yes", "always")
            assert (config["save"], config["maxmemory-policy"]) == ("", "noeviction")
            assert config["hash-max-listpack-entries"] == "128"
            assert 0 < server.fsync_ms < 10_000
            assert (tmp_path / "redis.sock").stat().st_mode & 0o077 == 0

    asyncio.run(look())


@pytest.mark.skipif(find_library("jemalloc") is None, reason="jemalloc is not installed")
@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="Linux tells what a process has loaded")
def test_it_runs_on_jemalloc_where_that_is_installed(tmp_path: Path) -> None:
    async def loaded() -> str:
        async with opened(tmp_path) as (_, client):
            maps = Path(f"/proc/{(await client.info('server'))['process_id']}/maps")
            return await asyncio.to_thread(maps.read_text)

    assert "jemalloc" in asyncio.run(loaded())


def test_who_leaves_last_stops_it(tmp_path: Path) -> None:
    async def scene() -> None:
        with other_command(tmp_path) as other:
            url = first_line(other).split()[0]
            async with embedded_redis(tmp_path, "always") as server:
                assert (server.found, server.url) == (True, url)
                await asyncio.to_thread(other.communicate)
                assert await answers(url)
            assert not await answers(url)

    asyncio.run(scene())


def test_who_comes_second_leaves_it_running(tmp_path: Path) -> None:
    async def scene() -> None:
        async with opened(tmp_path) as (_, client):
            with other_command(tmp_path) as other:
                assert first_line(other).endswith("True")
                await asyncio.to_thread(other.communicate)
            assert await client.ping()

    asyncio.run(scene())


def test_commands_that_start_together_share_one_server(tmp_path: Path) -> None:
    commands = [other_command(tmp_path) for _ in range(4)]
    told = [first_line(command).split() for command in commands]
    for command in commands:
        command.communicate()
    assert len({url for url, _ in told}) == 1
    assert sorted(found for _, found in told) == ["False", "True", "True", "True"]


def test_the_server_of_a_killed_command_ends_by_itself_with_all_that_was_written(tmp_path: Path) -> None:
    async def write(url: str) -> int:
        async with redis.from_url(url) as client:
            await client.set("gmv", 42)
            return await server_pid(client)

    async def read() -> None:
        async with opened(tmp_path) as (server, client):
            assert not server.found
            assert await client.get("gmv") == b"42"

    with other_command(tmp_path) as other:
        pid = asyncio.run(write(first_line(other).split()[0]))
        other.kill()
    asyncio.run(until(lambda: gone(pid)))
    asyncio.run(read())


def test_the_server_of_a_killed_command_runs_on_for_the_others(tmp_path: Path) -> None:
    async def scene() -> None:
        with other_command(tmp_path) as other:
            first_line(other)
            async with opened(tmp_path) as (_, client):
                pid = await server_pid(client)
                other.kill()
                await asyncio.sleep(2 * keeper.LOOK_S)  # long enough for a keeper that is wrong about it
                assert await server_pid(client) == pid

    asyncio.run(scene())


def test_a_directory_is_abandoned_once_nobody_uses_it(tmp_path: Path) -> None:
    assert not is_abandoned(tmp_path / "never")
    with other_command(tmp_path) as other:
        first_line(other)
        assert not is_abandoned(tmp_path)
        other.kill()
    asyncio.run(until(lambda: abandoned(tmp_path)))


async def abandoned(directory: Path) -> bool:
    return is_abandoned(directory)


async def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_killed_server_leaves_nothing_that_is_in_the_way(tmp_path: Path) -> None:
    async def scene() -> None:
        with other_command(tmp_path) as other:
            first_line(other)
            other.kill()
        async with opened(tmp_path) as (_, client):
            await client.set("gmv", 42)
            os.kill(await server_pid(client), signal.SIGKILL)
        assert (tmp_path / "redis.sock").exists()
        async with opened(tmp_path) as (server, client):
            assert not server.found
            assert await client.get("gmv") == b"42"

    asyncio.run(scene())


def test_a_server_that_dies_under_its_users_comes_back(tmp_path: Path) -> None:
    async def scene() -> None:
        async with opened(tmp_path) as (server, client):
            await client.set("gmv", 42)
            os.kill(await server_pid(client), signal.SIGKILL)
            await until(lambda: answers(server.url))
            assert await client.get("gmv") == b"42"

    asyncio.run(scene())


@pytest.mark.parametrize("lost", ["redis.sock", "*"])
def test_what_was_started_is_stopped_though_its_files_were_deleted(tmp_path: Path, lost: str) -> None:
    async def scene() -> None:
        async with opened(tmp_path) as (_, client):
            pid = await server_pid(client)
            remove(tmp_path, lost)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

    asyncio.run(scene())


def test_a_directory_that_is_deleted_is_told_and_its_server_stopped(tmp_path: Path) -> None:
    async def pid_at(url: str) -> int:
        async with redis.from_url(url) as client:
            return await server_pid(client)

    with other_command(tmp_path / "data") as other:
        pid = asyncio.run(pid_at(first_line(other).split()[0]))
        shutil.rmtree(tmp_path / "data")
        assert "data directory of the embedded redis has gone" in first_line(other)
        other.communicate()
    assert other.returncode == 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_ctrl_c_on_the_terminal_does_not_reach_the_server(tmp_path: Path) -> None:
    async def scene() -> None:
        async with opened(tmp_path) as (_, client):
            assert os.getsid(await server_pid(client)) != os.getsid(0)

    asyncio.run(scene())


@pytest.mark.parametrize("name", ["x" * 150, "直播 间#?"])
def test_any_directory_will_do(tmp_path: Path, name: str) -> None:
    async def scene() -> None:
        async with opened(tmp_path / name) as (server, client):
            assert await client.ping()
            with other_command(tmp_path / name) as other:
                assert first_line(other) == f"{server.url} True"
                await asyncio.to_thread(other.communicate)
            kept = Path((tmp_path / name / "redis.where").read_text())
        assert kept.parent == tmp_path / name or not kept.parent.exists()

    asyncio.run(scene())


def test_a_directory_that_is_a_file_is_told_in_words(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(EmbeddedError, match="cannot be used"):
        asyncio.run(enter(file))


def test_a_server_that_cannot_start_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "appendonlydir").write_text("no directory")
    with pytest.raises(EmbeddedError, match=r"does not start: .+/redis.log"):
        asyncio.run(enter(tmp_path))


def test_giving_up_while_it_starts_leaves_nothing_behind(tmp_path: Path) -> None:
    async def started() -> bool:
        return (tmp_path / "redis.where").exists()

    async def scene() -> None:
        task = asyncio.create_task(enter(tmp_path))
        await until(started)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        async with opened(tmp_path) as (server, _):
            assert not server.found

    asyncio.run(scene())


async def enter(directory: Path) -> None:
    async with embedded_redis(directory, "always"):
        pass
