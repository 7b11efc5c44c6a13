// A caller without a key, in a real browser: `node connect.mjs CHROMIUM ENDPOINT PICTURES ANN BEN CLEO DAN`, the last four
// being their access tokens. A call finds no key and says where to leave one; a person signs in there and leaves it; the
// same call succeeds. In a session by the official client, and without one by hand.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { chromium } from 'playwright-core';

const [, , executablePath, endpoint, pictures, ann, ben, cleo, dan] = process.argv;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const origin = new URL(endpoint).origin;
const call = { name: 'search_contacts', arguments: { query: 'a' } };
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-proxy-server'],
});
const violations = [];

// Nothing serious for people who use the page in another way than by eye and mouse. axe is put into the page from outside:
// the page's own policy lets no script in.
async function fair(tab) {
  const session = await tab.context().newCDPSession(tab);
  const run = async (expression) => {
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    assert.equal(exceptionDetails, undefined, JSON.stringify(exceptionDetails));
    return result.value;
  };
  await run(`${axe}; true`);
  const tags = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";
  const found = JSON.parse(
    await run(`axe.run(document, { runOnly: ${tags} }).then((told) => JSON.stringify(told.violations))`),
  );
  const grave = found.filter((one) => ['serious', 'critical'].includes(one.impact));
  assert.deepEqual(grave.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`), []);
  await session.detach();
}

async function pictured(tab, name) {
  for (const [width, height] of [[390, 844], [1440, 900]]) {
    await tab.setViewportSize({ width, height });
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${name} is ${wide} wide on ${width}`);
    await tab.screenshot({ path: `${pictures}/${name}-${width}.png`, fullPage: true });
  }
}

async function person(options = {}) {
  const context = await browser.newContext(options);
  // A machine may be slow, and have much else to do.
  context.setDefaultTimeout(60_000);
  const tab = await context.newPage();
  tab.on('console', (message) => {
    if (/content security policy/i.test(message.text())) violations.push(message.text());
  });
  return tab;
}

// Signs in on the provider's own page.
async function signIn(tab, link, name, look) {
  await tab.goto(link);
  await tab.waitForURL((url) => url.pathname === '/oauth/authorize');
  if (look) await look(tab, 'sign-in');
  await tab.getByLabel('Sign in as').fill(name);
  await tab.getByRole('button', { name: 'Allow' }).click();
}

// Looks at a page in both colours.
function looking(scheme) {
  return async (tab, name) => {
    await fair(tab);
    await pictured(tab, `${name}-${scheme}`);
  };
}

async function leaves(link, name, options, look) {
  const tab = await person(options);
  await signIn(tab, link, name, look);
  await tab.waitForURL(`${origin}/connect`);
  assert.match(await tab.locator('main').textContent(), new RegExp(`Signed in as\\s*${name}`));
  if (look) await look(tab, 'form');
  await tab.getByLabel('API key').fill('not a key');
  await tab.getByRole('textbox', { name: /Address/ }).fill('https://crm.example.com');
  await tab.getByRole('button', { name: 'Store the key' }).click();
  await tab.getByRole('alert').waitFor();
  assert.equal(await tab.getByRole('textbox', { name: /Address/ }).inputValue(), 'https://crm.example.com');
  assert.equal(await tab.getByLabel('API key').inputValue(), '', 'a key is not sent back');
  if (look) await look(tab, 'fault');
  await tab.getByLabel('API key').fill('a-key-of-mine');
  await tab.getByRole('textbox', { name: /Address/ }).fill('');
  await tab.keyboard.press('Enter');
  await tab.getByRole('heading', { name: 'Your key is stored' }).waitFor();
  if (look) await look(tab, 'done');
  assert.deepEqual(await tab.context().cookies(), [], 'nothing is left in the browser');
  await tab.goto(link);
  await tab.getByRole('heading', { name: 'This link was used already' }).waitFor();
  if (look) await look(tab, 'used');
  await tab.context().close();
}

// A session, by the official client.
async function connected(token) {
  const client = new Client({ name: 'desk', title: 'Desk', version: '1' }, { capabilities: { elicitation: { url: {} } } });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(endpoint), { requestInit }));
  return client;
}

async function session(token, name, options, look) {
  const client = await connected(token);
  const error = await client.callTool(call).then(
    () => assert.fail('there is no key yet'),
    (error) => error,
  );
  assert.equal(error.code, -32042);
  const [asked] = error.data.elicitations;
  assert.equal(asked.mode, 'url');
  await leaves(asked.url, name, options, look);
  assert.notEqual((await client.callTool(call)).isError, true);
  await client.close();
}

// Without a session.
async function stateless(token, more = {}) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': call.name,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: {
        ...call,
        ...more,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': { elicitation: { url: {} } },
          'io.modelcontextprotocol/clientInfo': { name: 'hand', title: 'By hand', version: '1' },
        },
      },
    }),
  });
  const text = await response.text();
  const data = text.startsWith('{') ? text : text.split('\n').filter((line) => line.startsWith('data: ')).pop().slice(6);
  return JSON.parse(data).result;
}

async function alone(token, name, options, look) {
  const asked = await stateless(token);
  assert.equal(asked.resultType, 'input_required');
  await leaves(asked.inputRequests['twenty-mcp/connect'].params.url, name, options, look);
  const inputResponses = { 'twenty-mcp/connect': { action: 'accept' } };
  const result = await stateless(token, { inputResponses, requestState: asked.requestState });
  assert.equal(result.resultType, 'complete');
  assert.notEqual(result.isError, true);
}

await session(ann, 'ann', {}, looking('light'));
await alone(ben, 'ben', { colorScheme: 'dark' }, looking('dark'));
await alone(cleo, 'cleo', { javaScriptEnabled: false });

// Somebody else opens the link.
const asked = await stateless(dan);
const link = asked.inputRequests['twenty-mcp/connect'].params.url;
const tab = await person();
await signIn(tab, link, 'mallory');
await tab.getByRole('heading', { name: 'This link is not for you' }).waitFor();
await looking('light')(tab, 'somebody-else');
assert.equal((await tab.goto(`${origin}/connect`)).status(), 400);
assert.equal((await stateless(dan)).resultType, 'input_required', 'nothing is stored');

assert.deepEqual(violations, []);
await browser.close();
console.log('connect: ok');
process.exit(0);
