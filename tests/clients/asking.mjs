// The TypeScript clients are asked which of two companies is meant, by the SDK 1.x in a session, by the client 2.x also in
// the stateless revision: `node asking.mjs MODE http URL` or `node asking.mjs MODE stdio COMMAND [ARGUMENT…]`; MODE is `1`,
// `2026-07-28` or `legacy`.

import assert from 'node:assert/strict';
import * as one from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioOne } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpOne } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import * as two from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioTwo } from '@modelcontextprotocol/client/stdio';

const [mode, way, target, ...rest] = process.argv.slice(2);
const first = mode === '1';
const info = { name: 'asked', version: '1.0.0' };
const capabilities = { elicitation: { form: {} } };
const negotiation = { mode: mode === '2026-07-28' ? { pin: mode } : mode };
const client = first
  ? new one.Client(info, { capabilities })
  : new two.Client(info, { capabilities, versionNegotiation: negotiation });
const asked = [];
const answer = async ({ params }) => {
  asked.push(params.message);
  const { which } = params.requestedSchema.properties;
  return { action: 'accept', content: { which: which.oneOf.at(-1).const } };
};
client.setRequestHandler(first ? ElicitRequestSchema : 'elicitation/create', answer);
const [Http, Stdio] = first ? [HttpOne, StdioOne] : [two.StreamableHTTPClientTransport, StdioTwo];
await client.connect(
  way === 'http' ? new Http(new URL(target)) : new Stdio({ command: target, args: rest, stderr: 'ignore' }),
);
const call = async (name, args) => {
  const result = await client.callTool({ name, arguments: args });
  assert.ok(!result.isError, JSON.stringify(result));
  return result.structuredContent;
};

const name = `Twins ${mode}`;
const ids = [];
for (let at = 0; at < 2; at += 1) ids.push((await call('create_company', { name })).id);
const found = await call('get_company', { id: name });
assert.equal(asked.length, 1);
assert.match(asked[0], /could be any of 2 companies/);
assert.ok(ids.includes(found.id));
await client.close();
console.log(`asked ${mode} ${way}: ok`);
process.exit(0);
