// A TypeScript client with a Twenty key of its own, in the URL or in the header: `node own_key.mjs 1|2 URL [KEY]`.

import assert from 'node:assert/strict';

const [generation, target, key] = process.argv.slice(2);
const one = async () => ({
  ...(await import('@modelcontextprotocol/sdk/client/index.js')),
  ...(await import('@modelcontextprotocol/sdk/client/streamableHttp.js')),
});
const { Client, StreamableHTTPClientTransport } =
  generation === '1' ? await one() : await import('@modelcontextprotocol/client');
const requestInit = key ? { headers: { 'X-Twenty-Api-Key': key } } : {};
const client = new Client({ name: 'own-key', version: '1.0.0' });
await client.connect(new StreamableHTTPClientTransport(new URL(target), { requestInit }));
const { isError, content } = await client.callTool({ name: 'search_contacts', arguments: { query: 'a' } });
assert.ok(!isError, JSON.stringify(content));
await client.close();
process.exit(0);
