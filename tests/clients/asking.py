"""The Python clients are asked which of two companies is meant, in a session and without.

`asking.py mcp|fastmcp http URL` or `asking.py mcp|fastmcp stdio COMMAND [ARGUMENT…]`.
"""

import asyncio
import sys

import fastmcp
import mcp
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport

NAME = "Twins of Python"
asked: list[str] = []


def last(schema: dict) -> dict:
    """What a user answers who takes the last choice."""
    return {"which": schema["properties"]["which"]["oneOf"][-1]["const"]}


async def answers(call) -> None:
    made = [await call("create_company", {"name": NAME}) for _ in range(2)]
    found = await call("get_company", {"id": NAME})
    assert found["id"] in [company["id"] for company in made]
    assert len(asked) == 1 and "could be any of 2 companies" in asked[0], asked


async def with_mcp(way: str, target: str, *rest: str) -> None:
    async def answer(_, params):
        asked.append(params.message)
        return mcp.types.ElicitResult(action="accept", content=last(params.requested_schema))

    server = target if way == "http" else mcp.StdioServerParameters(command=target, args=list(rest))
    async with mcp.Client(server, elicitation_callback=answer) as client:

        async def call(name: str, arguments: dict) -> dict:
            result = await client.call_tool(name, arguments)
            assert not result.is_error, result
            return result.structured_content

        await answers(call)


async def with_fastmcp(way: str, target: str, *rest: str) -> None:
    async def answer(message, _type, params, _context):
        asked.append(message)
        return last(params.requested_schema)

    transport = StreamableHttpTransport(target) if way == "http" else StdioTransport(target, list(rest))
    async with fastmcp.Client(transport, elicitation_handler=answer) as client:

        async def call(name: str, arguments: dict) -> dict:
            return (await client.call_tool(name, arguments)).structured_content

        await answers(call)


client, *way = sys.argv[1:]
asyncio.run({"mcp": with_mcp, "fastmcp": with_fastmcp}[client](*way))
print(f"asked python {client} {way[0]}: ok")
