// The official suite's `authorization` command against an authorization server whose page lets everybody in: every
// scenario, without a warning, with and without a resource. `node conformance.mjs ISSUER`

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { browse } from './browse.mjs';

const issuer = process.argv[2];
// The package exports nothing to resolve it by.
const suite = fileURLToPath(new URL('../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url));

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// The suite may print the address before it listens for what comes back.
async function arrive(address) {
  for (let left = 50; ; left -= 1) {
    try {
      return await fetch(address);
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function run(more) {
  const port = await freePort();
  const callback = `http://127.0.0.1:${port}/callback`;
  const registered = await fetch(`${issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'conformance', redirect_uris: ['http://127.0.0.1/callback'] }),
  });
  assert.equal(registered.status, 201);
  const { client_id: client } = await registered.json();
  const results = await mkdtemp(join(tmpdir(), 'conformance-'));
  const options = ['--url', issuer, '--client-id', client, '--port', `${port}`, '-o', results, ...more];
  const child = spawn(process.execPath, [suite, 'authorization', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  let visited;
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
    const [address] = said.match(/^http\S+\/oauth\/authorize\?\S+(?=\n)/m) ?? [];
    visited ??= address && browse(new URL(address), callback)
      .then((back) => arrive(`${callback}?${back}`))
      .catch((error) => {
        said += error.stack;
        child.kill();
      });
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  await visited;
  assert.equal(code, 0, said);
  const runs = await readdir(results);
  assert.equal(runs.length, 2, said);
  for (const name of runs) {
    for (const check of JSON.parse(await readFile(join(results, name, 'checks.json')))) {
      assert.equal(check.status, 'SUCCESS', `${name}: ${check.errorMessage}`);
    }
  }
}

await run([]);
await run(['--resource', `${issuer}/mcp`]);
console.log('conformance: ok');
process.exit(0);
