// The official TypeScript SDK with its own OAuth code and nothing but the server's address: 401, discovery, dynamic
// registration, sign-in with PKCE, token, tool result; then, where SCOPES do not allow to write, a call that does: 403,
// sign-in for more, the same call again. `node oauth.mjs URL jwt SCOPES` or `node oauth.mjs URL opaque SCOPES`, SCOPES as
// the challenge has them.

import assert from 'node:assert/strict';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { browse } from './browse.mjs';

const url = new URL(process.argv[2]);
const [format, scopes] = process.argv.slice(3);
const redirectUrl = 'http://127.0.0.1:9/callback';
const kept = {};

const authProvider = {
  redirectUrl,
  clientMetadata: {
    client_name: 'oauth.mjs',
    redirect_uris: [redirectUrl],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  clientInformation: () => kept.client,
  saveClientInformation: (client) => void (kept.client = client),
  tokens: () => kept.tokens,
  saveTokens: (tokens) => void (kept.tokens = tokens),
  codeVerifier: () => kept.verifier,
  saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
  redirectToAuthorization: async (address) => {
    kept.asked = address.searchParams;
    kept.answer = await browse(address, redirectUrl);
  },
};

const open = () => new StreamableHTTPClientTransport(url, { authProvider });
const client = () => new Client({ name: 'oauth.mjs', version: '1.0.0' });
const first = open();
await assert.rejects(client().connect(first), UnauthorizedError);
assert.equal(kept.asked.get('resource'), url.href, 'the token is asked for this server');
assert.equal(kept.asked.get('scope'), scopes, 'and for the scopes of the challenge');
await first.finishAuth(kept.answer.get('code'));

const signedIn = client();
const transport = open();
await signedIn.connect(transport);
const result = await signedIn.callTool({ name: 'hello', arguments: { name: 'Ann' } });
assert.match(result.content[0].text, /Hello, Ann!/);

if (!scopes.includes('twenty:write')) {
  const created = { name: 'create_contact', arguments: { firstName: 'Ada', lastName: 'Lovelace' } };
  assert.equal(kept.tokens.scope, scopes);
  await assert.rejects(signedIn.callTool(created), UnauthorizedError);
  assert.equal(kept.asked.get('scope'), 'twenty:write', 'more is asked for, as the 403 says');
  assert.equal(kept.asked.get('resource'), url.href);
  assert.ok(kept.answer.get('code'), kept.answer.toString());
  await transport.finishAuth(kept.answer.get('code'));
  assert.equal(kept.tokens.scope, 'twenty:write');
  const made = await signedIn.callTool(created);
  assert.ok(!made.isError, made.content[0].text);
  const found = await signedIn.callTool({ name: 'search_contacts', arguments: { query: 'Lovelace' } });
  assert.match(found.content[0].text, /Ada Lovelace/, 'who may write may read');
}
await signedIn.close();

const parts = kept.tokens.access_token.split('.');
assert.equal(parts.length, format === 'jwt' ? 3 : 1);
if (format === 'jwt') assert.equal(JSON.parse(Buffer.from(parts[0], 'base64url')).typ, 'at+jwt');
console.log('oauth: ok');
process.exit(0);
