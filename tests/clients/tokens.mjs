// Signs in at an authorization server as a client that registers itself, and prints what it is given as JSON:
// `node tokens.mjs ISSUER RESOURCE SCOPE`; no resource is named where that is empty.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { browse } from './browse.mjs';

const [issuer, resource, scope] = process.argv.slice(2);
const redirectUrl = 'http://127.0.0.1:9/callback';

async function post(url, type, body) {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body });
  assert.ok(response.ok, `${response.status} at ${url}: ${await response.clone().text()}`);
  return response.json();
}

const server = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
const metadata = {
  redirect_uris: [redirectUrl],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
};
const { client_id } = await post(server.registration_endpoint, 'application/json', JSON.stringify(metadata));
const verifier = randomBytes(32).toString('base64url');
const named = resource ? { resource } : {};
const asked = new URL(server.authorization_endpoint);
asked.search = new URLSearchParams({
  client_id,
  scope,
  ...named,
  redirect_uri: redirectUrl,
  response_type: 'code',
  prompt: 'consent',
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
});
const code = (await browse(asked, redirectUrl)).get('code');
const form = { grant_type: 'authorization_code', client_id, code, ...named, redirect_uri: redirectUrl };
const given = await post(
  server.token_endpoint,
  'application/x-www-form-urlencoded',
  new URLSearchParams({ ...form, code_verifier: verifier }),
);
console.log(JSON.stringify({ ...given, client_id }));
process.exit(0);
