// The browser of a test: follows redirects from `address` with its cookies until it is sent to the client, and tells with
// which parameters.

import assert from 'node:assert/strict';

export async function browse(address, redirectUrl) {
  const cookies = new Map();
  for (let next = address, left = 12; left > 0; left -= 1) {
    const response = await fetch(next, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [name, value] = cookie.split(';')[0].split(/=(.*)/s);
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    assert.ok(location, `${response.status} at ${next}: ${await response.text()}`);
    next = new URL(location, next);
    if (next.href.startsWith(redirectUrl)) return next.searchParams;
  }
  assert.fail('the browser went in circles');
}
