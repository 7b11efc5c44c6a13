// The browser of a test, and the person in front of it: follows redirects from `address` with its cookies, lets the client
// in where a page asks, until it is sent to the client, and tells with which parameters.

import assert from 'node:assert/strict';

export async function browse(address, redirectUrl) {
  const cookies = new Map();
  let form;
  for (let next = address, left = 12; left > 0; left -= 1) {
    const response = await fetch(next, {
      method: form ? 'POST' : 'GET',
      body: form,
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    form = undefined;
    for (const cookie of response.headers.getSetCookie()) {
      const [name, value] = cookie.split(';')[0].split(/=(.*)/s);
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location) {
      next = new URL(location, next);
    } else {
      const page = await response.text();
      const [, action] = page.match(/<form[^>]* action="([^"]*)"/) ?? [];
      assert.ok(response.ok && action, `${response.status} at ${next}: ${page}`);
      const inputs = [...page.matchAll(/<input[^>]* name="([^"]*)"[^>]* value="([^"]*)"/g)];
      form = new URLSearchParams([...inputs.map(([, name, value]) => [name, value]), ['decision', 'allow']]);
      next = new URL(action, next);
    }
    if (next.href.startsWith(redirectUrl)) return next.searchParams;
  }
  assert.fail('the browser went in circles');
}
