// The page on which people try the API, in a real browser: `node docs.mjs CHROMIUM SERVER TOKEN [FOLDER]`. A person looks
// for a tool, sends its example without a token and with one, and reads the answers. Nothing is asked of another host, no
// policy is broken, and what a tool answers stays text. Pictures of the page go to FOLDER.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const [executablePath, server, token, folder] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-proxy-server'],
});
const [complaints, elsewhere] = [[], []];
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const page = await context.newPage();
page.on('console', (message) => {
  // That a call is refused is part of the test.
  if (message.type() === 'error' && !/status of 401/.test(message.text())) complaints.push(message.text());
});
page.on('pageerror', (error) => complaints.push(error.message));
page.on('request', (request) => {
  if (new URL(request.url()).origin !== server && !request.url().startsWith('data:')) elsewhere.push(request.url());
});

await page.goto(`${server}/docs`);
await page.getByText(/^\d+ operations?$/).waitFor();
await page.getByLabel('Search').fill('greet somebody');
const tool = page.locator('details#hello');
await tool.waitFor();
assert.equal(await page.locator('details:visible').count(), 1, 'the rest is hidden');
await tool.locator('summary').click();
await tool.getByLabel('Arguments').fill('{ "name": "<b>Ada</b>" }');
const sent = async () => {
  await tool.getByRole('button', { name: 'Send' }).click();
  await tool.locator('.answer h3').first().waitFor();
  const answer = await tool.locator('.answer').innerText();
  await tool.locator('.answer').evaluate((shown) => shown.replaceChildren());
  return answer;
};
const refused = await sent();
assert.match(refused, /^401 /);
assert.match(refused, /www-authenticate: Bearer/);
await page.getByLabel('Access token').fill(token);
const done = await sent();
assert.match(done, /^200 /);
assert.match(done, /"result": "Hello, <b>Ada<\/b>!"/, 'an answer is shown as it is');
assert.match(done, /Authorization: Bearer \$TOKEN/);
assert.ok(!done.includes(token), 'the token is in no command');

await page.getByLabel('Search').fill('health');
const health = page.locator('details#health');
await health.locator('summary').click();
await health.getByRole('button', { name: 'Send' }).click();
await health.getByText('"status": "healthy"').waitFor();

const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
assert.deepEqual(kept, [0, 0, ''], 'the token is kept nowhere');
for (const [width, colorScheme] of [[390, 'light'], [1440, 'dark']]) {
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= width, `the page is ${wide} wide on a screen of ${width}`);
  if (folder) await page.screenshot({ path: `${folder}/docs-${width}.png`, fullPage: true });
}
assert.deepEqual([complaints, elsewhere], [[], []]);
await browser.close();
console.log('docs: ok');
process.exit(0);
