// The official TypeScript SDK with its own OAuth code and nothing but the server's address: 401, discovery, dynamic
// registration, sign-in with PKCE, token, tool result. `node oauth.mjs URL jwt SCOPES` or `node oauth.mjs URL opaque SCOPES`,
// SCOPES as the challenge has them.

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
await signedIn.connect(open());
const result = await signedIn.callTool({ name: 'hello', arguments: { name: 'Ann' } });
assert.match(result.content[0].text, /Hello, Ann!/);
await signedIn.close();

const parts = kept.tokens.access_token.split('.');
assert.equal(parts.length, format === 'jwt' ? 3 : 1);
if (format === 'jwt') assert.equal(JSON.parse(Buffer.from(parts[0], 'base64url')).typ, 'at+jwt');
console.log('oauth: ok');
process.exit(0);
