"""The Python `fastmcp` client: `python_fastmcp.py http URL` or `python_fastmcp.py stdio COMMAND [ARGUMENT…]`."""

import asyncio
import sys

from fastmcp import Client
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport

from round import Result, round_trip


async def main(way: str, target: str, *rest: str) -> None:
    transport = StreamableHttpTransport(target) if way == "http" else StdioTransport(target, list(rest))
    async with Client(transport) as client:
        tools = await client.list_tools()

        async def call(name: str, arguments: dict) -> Result:
            result = await client.call_tool(name, arguments, raise_on_error=False)
            return Result(result.is_error, result.structured_content, result.content[0].text)

        await round_trip([tool.name for tool in tools], call)
    print(f"python fastmcp {way}: ok")


asyncio.run(main(*sys.argv[1:]))
