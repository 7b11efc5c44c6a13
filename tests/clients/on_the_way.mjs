// The TypeScript clients hear how a long call gets on, and take it back, by the SDK 1.x in a session, by the client 2.x
// also in the stateless revision: `node on_the_way.mjs MODE http URL` or `node on_the_way.mjs MODE stdio COMMAND
// [ARGUMENT…]`; MODE is `1`, `2026-07-28`, `auto` or `legacy`. That the server lets go of the call its audit tells.

import assert from 'node:assert/strict';
import * as one from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioOne } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpOne } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import * as two from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioTwo } from '@modelcontextprotocol/client/stdio';

const [mode, way, target, ...rest] = process.argv.slice(2);
const first = mode === '1';
const info = { name: 'on_the_way', version: '1.0.0' };
const negotiation = { mode: mode === '2026-07-28' ? { pin: mode } : mode };
const client = first ? new one.Client(info) : new two.Client(info, { versionNegotiation: negotiation });
const [Http, Stdio] = first ? [HttpOne, StdioOne] : [two.StreamableHTTPClientTransport, StdioTwo];
await client.connect(
  way === 'http' ? new Http(new URL(target)) : new Stdio({ command: target, args: rest, stderr: 'ignore' }),
);

function create(people, options) {
  const records = Array.from({ length: people }, (_, at) => ({ name: `On the Way${at}` }));
  const call = { name: 'create_records', arguments: { object: 'person', records } };
  return first ? client.callTool(call, undefined, options) : client.callTool(call, options);
}

const heard = [];
const made = await create(130, { onprogress: ({ progress, total }) => heard.push({ progress, total }) });
assert.ok(!made.isError, JSON.stringify(made.content));
assert.ok(heard.length > 1, JSON.stringify(heard));
heard.reduce((before, { progress }) => (assert.ok(progress > before, JSON.stringify(heard)), progress), -1);

const taken = new AbortController();
await assert.rejects(create(5000, { onprogress: () => taken.abort(), signal: taken.signal }));
const hello = await client.callTool({ name: 'hello', arguments: { name: 'Ann' } });
assert.equal(hello.content[0].text, 'Hello, Ann!', 'the connection goes on');
await client.close();
console.log(`on the way ${mode} ${way}: ok`);
process.exit(0);
