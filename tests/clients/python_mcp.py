"""The Python `mcp` client: `python_mcp.py http URL` or `python_mcp.py stdio COMMAND [ARGUMENT…]`."""

import asyncio
import sys

from mcp import Client, StdioServerParameters

from round import Result, round_trip


async def main(way: str, target: str, *rest: str) -> None:
    server = target if way == "http" else StdioServerParameters(command=target, args=list(rest))
    async with Client(server) as client:
        tools = (await client.list_tools()).tools

        async def call(name: str, arguments: dict) -> Result:
            result = await client.call_tool(name, arguments)
            return Result(result.is_error, result.structured_content, result.content[0].text)

        await round_trip([tool.name for tool in tools], call)
    print(f"python mcp {way}: ok")


asyncio.run(main(*sys.argv[1:]))
