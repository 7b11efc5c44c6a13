"""A Python client with its own OAuth code and nothing but the server's address: 401, discovery, dynamic registration,
sign-in with PKCE, token, tool result. `oauth.py mcp URL` or `oauth.py fastmcp URL`."""

import asyncio
import sys
from urllib.parse import parse_qs, urlsplit

import httpx2
from fastmcp import Client as FastClient
from fastmcp.client.auth import OAuth
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

CALLBACK = "http://127.0.0.1:9/callback"


async def browse(address: str, callback: str) -> str:
    """The browser: follows redirects with its cookies until it is sent to the client, and tells where."""
    async with httpx2.AsyncClient(timeout=60) as browser:
        for _ in range(12):
            response = await browser.get(address)
            assert response.is_redirect, f"{response.status_code} at {address}: {response.text}"
            address = str(response.next_request.url)
            if address.startswith(callback):
                return address
    raise AssertionError("the browser went in circles")


class Kept:
    """What the client keeps, in memory."""

    tokens = None
    client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


def says_hello(is_error: bool, text: str) -> None:
    assert not is_error and "Hello, Ann!" in text, text


async def mcp(url: str) -> None:
    answer: list[str] = []

    async def redirect(address: str) -> None:
        asked = parse_qs(urlsplit(address).query)
        assert asked["resource"] == [url], "the token is asked for this server"
        answer.append(await browse(address, CALLBACK))

    async def callback() -> AuthorizationCodeResult:
        said = {name: values[0] for name, values in parse_qs(urlsplit(answer[-1]).query).items()}
        return AuthorizationCodeResult(code=said["code"], state=said["state"], iss=said["iss"])

    metadata = OAuthClientMetadata(
        client_name="oauth.py", redirect_uris=[CALLBACK], token_endpoint_auth_method="none"
    )
    auth = OAuthClientProvider(url, metadata, Kept(), redirect, callback)
    async with httpx2.AsyncClient(auth=auth, timeout=60) as http:
        async with Client(streamable_http_client(url, http_client=http)) as client:
            result = await client.call_tool("hello", {"name": "Ann"})
            says_hello(result.is_error, result.content[0].text)
    assert len(answer) == 1, "one sign-in is enough"


class Browsing(OAuth):
    """fastmcp's client, whose browser is the one above; it serves its callback itself."""

    async def redirect_handler(self, authorization_url: str) -> None:
        self.visit = asyncio.create_task(self.browse(authorization_url))

    async def browse(self, address: str) -> None:
        answer = await browse(address, f"http://localhost:{self.redirect_port}/callback")
        async with httpx2.AsyncClient(timeout=60) as browser:
            while True:
                try:
                    await browser.get(answer)
                    return
                except httpx2.ConnectError:
                    await asyncio.sleep(0.05)


async def fastmcp(url: str) -> None:
    async with FastClient(url, auth=Browsing()) as client:
        result = await client.call_tool("hello", {"name": "Ann"}, raise_on_error=False)
        says_hello(result.is_error, result.content[0].text)


asyncio.run({"mcp": mcp, "fastmcp": fastmcp}[sys.argv[1]](sys.argv[2]))
print(f"oauth.py {sys.argv[1]}: ok")
