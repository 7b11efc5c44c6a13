"""The Python clients hear how a long call gets on, and take it back. That the server lets go of it its audit tells.

`on_the_way.py mcp|fastmcp http URL` or `on_the_way.py mcp|fastmcp stdio COMMAND [ARGUMENT…]`.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable

import fastmcp
import mcp
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport

Heard = Callable[[float, float | None, str | None], Awaitable[None]]


async def on_the_way(call: Callable[[str, dict, Heard | None], Awaitable[str]]) -> None:
    def people(count: int) -> dict:
        return {"object": "person", "records": [{"name": f"On the Way{at}"} for at in range(count)]}

    heard: list[float] = []

    async def listen(progress: float, total: float | None, message: str | None) -> None:
        heard.append(progress)

    await call("create_records", people(130), listen)
    assert len(heard) > 1 and heard == sorted(set(heard)), heard

    begun = asyncio.Event()

    async def begins(progress: float, total: float | None, message: str | None) -> None:
        begun.set()

    long = asyncio.create_task(call("create_records", people(5000), begins))
    await asyncio.wait([long, asyncio.create_task(begun.wait())], return_when=asyncio.FIRST_COMPLETED)
    assert long.cancel(), "it is still under way"
    try:
        await long
        raise AssertionError("it was taken back")
    except asyncio.CancelledError:
        pass
    assert await call("hello", {"name": "Ann"}, None) == "Hello, Ann!", "the connection goes on"


async def with_mcp(way: str, target: str, *rest: str) -> None:
    server = target if way == "http" else mcp.StdioServerParameters(command=target, args=list(rest))
    async with mcp.Client(server) as client:

        async def call(name: str, arguments: dict, heard: Heard | None) -> str:
            result = await client.call_tool(name, arguments, progress_callback=heard)
            assert not result.is_error, result
            return result.content[0].text

        await on_the_way(call)


async def with_fastmcp(way: str, target: str, *rest: str) -> None:
    transport = StreamableHttpTransport(target) if way == "http" else StdioTransport(target, list(rest))
    async with fastmcp.Client(transport) as client:

        async def call(name: str, arguments: dict, heard: Heard | None) -> str:
            return (await client.call_tool(name, arguments, progress_handler=heard)).content[0].text

        await on_the_way(call)


client, *way = sys.argv[1:]
asyncio.run({"mcp": with_mcp, "fastmcp": with_fastmcp}[client](*way))
print(f"on the way python {client} {way[0]}: ok")
