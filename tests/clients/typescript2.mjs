// The TypeScript client 2.x in one of its modes:
// `node typescript2.mjs MODE http URL` or `node typescript2.mjs MODE stdio COMMAND [ARGUMENT…]`; MODE is `2026-07-28`,
// `auto` or `legacy`.

import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { round } from './round.mjs';

const [mode, way, target, ...rest] = process.argv.slice(2);
const negotiation = { mode: mode === '2026-07-28' ? { pin: mode } : mode };
const client = new Client({ name: 'typescript2', version: '1.0.0' }, { versionNegotiation: negotiation });
const transport =
  way === 'http'
    ? new StreamableHTTPClientTransport(new URL(target))
    : new StdioClientTransport({ command: target, args: rest, stderr: 'ignore' });
await client.connect(transport);
const { tools } = await client.listTools();
await round(tools, (name, args) => client.callTool({ name, arguments: args }));
await assert.rejects(client.callTool({ name: 'no_such_tool', arguments: {} }));
await client.close();
console.log(`typescript2 ${mode} ${way}: ok`);
process.exit(0);
