// A client in a page, in a real browser: `node browser.mjs CHROMIUM`. It prints the origin of its page, and reads the
// server's MCP endpoint from standard input. The page knows nothing else: it is refused, finds out where to sign in,
// registers, and sends the person to the consent page; a person reads that, allows it, and comes back; the page gets a
// token and calls a tool. No page may break its own policy.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

// What runs in the page.
async function client(endpoint) {
  const said = document.querySelector('output');
  const encoded = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const json = async (address, options) => {
    const answer = await fetch(address, options);
    if (!answer.ok) throw new Error(`${answer.status} at ${address}: ${await answer.text()}`);
    return answer.json();
  };
  const call = (token) =>
    fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': 'hello',
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: {
          name: 'hello',
          arguments: { name: 'Browser' },
          _meta: {
            'io.modelcontextprotocol/protocolVersion': '2026-07-28',
            'io.modelcontextprotocol/clientCapabilities': {},
            'io.modelcontextprotocol/clientInfo': { name: 'page', version: '1' },
          },
        },
      }),
    });
  const redirect = `${location.origin}/back`;
  const posted = (parameters) => ({ method: 'POST', body: new URLSearchParams(parameters) });

  async function leave() {
    const refused = await call();
    if (refused.status !== 401) throw new Error(`${refused.status}, not 401`);
    const challenge = refused.headers.get('www-authenticate');
    const part = (name) => challenge.match(new RegExp(`${name}="([^"]*)"`))[1];
    const resource = await json(part('resource_metadata'));
    const issuer = resource.authorization_servers[0];
    const server = await json(`${issuer}/.well-known/oauth-authorization-server`, {
      headers: { 'mcp-protocol-version': '2026-07-28' },
    });
    if (server.issuer !== issuer) throw new Error('another issuer');
    const registered = await json(server.registration_endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_name: 'A <b>page</b>', redirect_uris: [redirect] }),
    });
    const verifier = encoded(crypto.getRandomValues(new Uint8Array(32)));
    const state = encoded(crypto.getRandomValues(new Uint8Array(16)));
    const kept = { server, verifier, state, client: registered.client_id, resource: resource.resource };
    sessionStorage.setItem('kept', JSON.stringify(kept));
    const address = new URL(server.authorization_endpoint);
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
    address.search = new URLSearchParams({
      response_type: 'code',
      client_id: kept.client,
      redirect_uri: redirect,
      code_challenge: encoded(digest),
      code_challenge_method: 'S256',
      scope: part('scope'),
      resource: kept.resource,
      state,
    });
    location.assign(address);
  }

  async function comeBack() {
    const { server, verifier, state, client, resource } = JSON.parse(sessionStorage.getItem('kept'));
    const told = new URLSearchParams(location.search);
    if (told.has('error')) return `refused: ${told.get('error')}`;
    if (told.get('state') !== state || told.get('iss') !== server.issuer) throw new Error('not our answer');
    const tokens = await json(
      server.token_endpoint,
      posted({
        grant_type: 'authorization_code',
        code: told.get('code'),
        client_id: client,
        redirect_uri: redirect,
        code_verifier: verifier,
        resource,
      }),
    );
    const answer = await call(tokens.access_token);
    const text = await answer.text();
    await fetch(server.revocation_endpoint, posted({ token: tokens.access_token, client_id: client }));
    return `${answer.status} ${text} then ${(await call(tokens.access_token)).status}`;
  }

  try {
    said.textContent = (location.pathname === '/back' ? await comeBack() : await leave()) ?? 'leaving';
  } catch (error) {
    said.textContent = `failed: ${error.message}`;
  }
}

let endpoint;
const page = createServer((_, response) => {
  response.setHeader('content-type', 'text/html');
  response.end(
    `<!DOCTYPE html><link rel="icon" href="data:,"><output></output><script>(${client})(${JSON.stringify(endpoint)})</script>`,
  );
});
await new Promise((resolve) => page.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${page.address().port}`;
console.log(origin);
for await (const line of createInterface({ input: process.stdin })) {
  endpoint = line;
  break;
}

const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-proxy-server'],
});
const violations = [];

async function person(decide, options = {}) {
  const context = await browser.newContext(options);
  const tab = await context.newPage();
  tab.on('console', (message) => {
    if (/content security policy/i.test(message.text())) violations.push(message.text());
  });
  await tab.goto(origin);
  await tab.waitForURL((url) => url.pathname === '/oauth/authorize');
  await decide(tab);
  await tab.waitForURL((url) => url.pathname === '/back');
  await tab.waitForFunction(() => document.querySelector('output').textContent);
  const said = await tab.locator('output').textContent();
  await context.close();
  return said;
}

const allowed = await person(async (tab) => {
  assert.match(await tab.locator('h1').textContent(), /A <b>page<\/b>/, 'a name is shown as it is written');
  assert.match(await tab.locator('main').textContent(), new RegExp(origin.replace('http://', '')));
  const width = await tab.locator('main').evaluate((main) => getComputedStyle(main).maxWidth);
  assert.equal(width, '432px', 'the style is taken');
  assert.ok((await tab.getByRole('checkbox').count()) > 0, 'scopes can be chosen');
  await tab.getByLabel('Sign in as').fill('Ann in a browser');
  await tab.getByRole('button', { name: 'Allow' }).click();
});
assert.match(allowed, /^200 .*Hello, Browser!.* then 401$/s, allowed);

const denied = await person((tab) => tab.getByRole('button', { name: 'Deny' }).click());
assert.equal(denied, 'refused: access_denied');

// A person without JavaScript is shown the same page, and it works.
const context = await browser.newContext({ javaScriptEnabled: false });
const tab = await context.newPage();
await tab.goto(`${new URL(endpoint).origin}/oauth/authorize?client_id=nobody`);
assert.match(await tab.locator('h1').textContent(), /does not work/);
await context.close();

assert.deepEqual(violations, []);
await browser.close();
console.log('browser: ok');
process.exit(0);
