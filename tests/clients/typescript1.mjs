// The TypeScript SDK 1.x: `node typescript1.mjs http URL` or `node typescript1.mjs stdio COMMAND [ARGUMENT…]`.

import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { round } from './round.mjs';

const [way, target, ...rest] = process.argv.slice(2);
const open = async () => {
  const client = new Client({ name: 'typescript1', version: '1.0.0' });
  const transport =
    way === 'http'
      ? new StreamableHTTPClientTransport(new URL(target))
      : new StdioClientTransport({ command: target, args: rest, stderr: 'ignore' });
  await client.connect(transport);
  return { client, transport };
};

const { client, transport } = await open();
const { tools } = await client.listTools();
await round(tools, (name, args) => client.callTool({ name, arguments: args }));
await assert.rejects(client.callTool({ name: 'no_such_tool', arguments: {} }), /-32602|Unknown tool/);

if (way === 'http') {
  const session = transport.sessionId;
  assert.ok(session, 'a session was opened');
  await transport.terminateSession();
  const late = await fetch(target, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-session-id': session,
      'mcp-protocol-version': '2025-11-25',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  assert.equal(late.status, 404, 'a deleted session is gone');
  await late.body?.cancel();
  const again = await open();
  assert.ok((await again.client.listTools()).tools.length > 0, 'a new session works');
  await again.client.close();
}
await client.close();
console.log(`typescript1 ${way}: ok`);
process.exit(0);
