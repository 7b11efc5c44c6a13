"""What every Python client does with a running server: a new contact is created and found again, twenty calls run at
once, a deal is made, told of, planned, changed and taken back, and errors come back as results."""

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
    await deal(call, last_name, contact["id"])


async def deal(call: Callable[[str, dict], Awaitable[Result]], name: str, contact: str) -> None:
    async def done(tool: str, **given: Any) -> Any:
        result = await call(tool, given)
        assert not result.is_error and result.text, f"{tool}: {result.text}"
        return result.structured

    async def refused(says: str, tool: str, **given: Any) -> None:
        result = await call(tool, given)
        assert result.is_error and says in result.text, f"{tool}: {result.text}"

    nobody, domain = str(uuid.uuid4()), f"{name.lower()}.example"
    company = (await done("create_company", name=name, domainName=domain))["id"]
    assert (await done("get_company", id=domain))["id"] == company
    assert (await done("search_companies", query=name))["companies"][0]["id"] == company
    await done("transfer_contact_to_company", contactId=contact, toCompanyId=company)
    amount = {"value": 1500.5, "currency": "EUR"}
    opportunity = await done(
        "create_opportunity", name=name, amount=amount, stage="PROPOSAL", companyId=name, pointOfContactId=contact
    )
    assert opportunity["amount"] == {"amount": 1500.5, "currency": "EUR"}
    stages = (await done("list_opportunities_by_stage"))["stages"]
    proposal = next(stage for stage in stages if stage.get("stage") == "PROPOSAL")
    assert any(listed["id"] == opportunity["id"] for listed in proposal["opportunities"])
    summary = await done("get_relationship_summary", entityId=company, entityType="company")
    assert (summary["contacts"], summary["opportunities"]) == (1, 1), summary

    await done("create_note", title="Lunch", body="They *want* it")
    await done("create_comment", body="Good talk", targetObjectId=company, targetObjectType="company")
    around = await done("get_entity_activities", entityId=company, entityType="company")
    assert "Good talk" in json.dumps(around), around

    found = await done("find_records", object="opportunity", filter={"company": company}, fields=["amount"])
    assert (found["total"], found["records"][0]["id"]) == (1, opportunity["id"]), found
    groups = await done(
        "aggregate_records", object="opportunities", filter={"company": company}, groupBy=["stage"], measures=["sum:amount"]
    )
    money = [{"amount": 1500.5, "currency": "EUR"}]
    assert groups["groups"] == [{"stage": "PROPOSAL", "count": 1, "sum:amount": money}], groups
    brief = await done("brief", record=company, object="company")
    assert opportunity["id"] in json.dumps(brief), brief

    plan = (await done("update_company", id=company, address="1 Road", plan=True))["plan"]
    assert plan["changes"][0]["id"] == company
    await done("update_company", id=company, address="1 Road", planToken=plan["planToken"])
    await refused("plan", "update_company", id=company, address="1 Road", planToken=plan["planToken"])
    assert (await done("undo"))["reverted"] == 1
    assert "1 Road" not in json.dumps(await done("get_company", id=company))

    await refused(nobody, "get_company", id=nobody)
    await refused("address", "update_company", id=company, adress="x")
    await refused("& Sons", "create_opportunity", name=name, companyId=f"{name} & Sons")
    await refused("PROPOSAL", "create_opportunity", name=name, stage="WON")
    await refused(nobody, "get_entity_activities", entityId=nobody, entityType="company")
    await refused("jobTitle", "find_records", object="person", filter={"jobTitel": "x"})
    await refused("name", "aggregate_records", object="person", measures=["sum:name"])
    await refused(nobody, "brief", record=nobody)
