#!/bin/sh
# The way of a user with a key of their own, by curl alone: discover, sign in, store the key, call a tool, look, delete.
#
#   API_KEY_ENCRYPTION_SECRET=$(openssl rand -base64 32) twenty-mcp start --sandbox --auth dev
#   examples/walkthrough.sh http://127.0.0.1:3000 "$(twenty-mcp tokens dev --issuer http://127.0.0.1:3000)"
#
# The requests are the TypeScript server's; one differs: MCP wants the parameters of `initialize`, which may not be empty.
set -eu
url=${1:?the URL of the server, as in http://127.0.0.1:3000}
token=${2:?an access token, as twenty-mcp tokens dev prints it}
key=${TWENTY_KEY:-a-key-of-your-own}

# Says what comes, asks, shows the answer, and ends where a text is not in it.
step() {
    said=$1 wanted=$2
    shift 2
    printf '\n# %s\n' "$said"
    answer=$(curl --silent --show-error --max-time 60 "$@")
    printf '%s\n' "$answer"
    case $answer in
        *"$wanted"*) ;;
        *) printf 'expected: %s\n' "$wanted" >&2; exit 1 ;;
    esac
}

as_user() {
    step "$@" --header "Authorization: Bearer $token" --header 'Content-Type: application/json'
}

mcp() {
    as_user "$@" --header 'Accept: application/json, text/event-stream' --header 'MCP-Protocol-Version: 2025-06-18' \
        ${session:+--header "Mcp-Session-Id: $session"}
}

step 'Discover: who may not call learns where to sign in' 'resource_metadata=' --include "$url/mcp" --data '{}' \
    --header 'Content-Type: application/json'
step 'Discover: what the server is' '"authorization_servers"' "$url/.well-known/oauth-protected-resource"
step 'Discover: how to sign in' '"token_endpoint"' "$url/.well-known/oauth-authorization-server"

as_user 'Store a key' 'API key stored successfully' "$url/api/keys" \
    --data "{\"apiKey\":\"$key\",\"baseUrl\":\"https://api.twenty.com\"}"

mcp 'Initialize' '"serverInfo"' --include "$url/mcp" --data '{"jsonrpc":"2.0","id":1,"method":"initialize","params":
    {"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"curl","version":"1"}}}'
session=$(printf '%s' "$answer" | tr -d '\r' | sed -n 's/^[Mm]cp-[Ss]ession-[Ii]d: //p')
mcp 'Go on' '' "$url/mcp" --data '{"jsonrpc":"2.0","method":"notifications/initialized"}'
mcp 'Call a tool' '"content"' "$url/mcp" --data '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":
    {"name":"search_contacts","arguments":{"query":"a","limit":2}}}'

as_user 'Look' '"hasKey":true' "$url/api/keys"
as_user 'Delete the key' 'API key deleted successfully' --request DELETE "$url/api/keys"
as_user 'Look again' '"hasKey":false' "$url/api/keys"
