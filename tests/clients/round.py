"""What every Python client does with a running server: a new contact is created and found again, twenty calls run at
once, and errors come back as results."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple


class Result(NamedTuple):
    """A tool's answer, whichever client brought it."""

    is_error: bool
    structured: Any
    text: str


async def round_trip(tools: list[str], call: Callable[[str, dict], Awaitable[Result]]) -> None:
    assert "create_contact" in tools, tools
    last_name = "Client" + uuid.uuid4().hex
    created = await call(
        "create_contact", {"firstName": "Grace", "lastName": last_name, "email": f"{last_name.lower()}@example.com"}
    )
    assert not created.is_error, created.text
    contact = created.structured.get("contact", created.structured)
    found = await call("search_contacts", {"query": last_name})
    assert not found.is_error and contact["id"] in json.dumps(found.structured), found
    assert contact["id"] in found.text, found.text
    many = await asyncio.gather(*(call("search_contacts", {"query": last_name}) for _ in range(20)))
    assert all(contact["id"] in json.dumps(one.structured) for one in many)
    missing = await call("get_contact", {"id": str(uuid.uuid4())})
    assert missing.is_error, missing
    wrong = await call("create_contact", {"fristName": "Grace", "lastName": last_name})
    assert wrong.is_error and "firstName" in wrong.text, wrong
