// A real authorization server on loopback: npm's certified `oidc-provider`, where everybody who asks is `ann` and
// consents. It prints its issuer once it serves, and `ok` for each line of its standard input:
//   jwt URL         it gives out at+jwt for this resource from now on
//   opaque URL      opaque tokens, which it can be asked about as `mcp-rs`
//   shape JSON      `header` and `payload` are laid over the at+jwt that it signs
//   clock SECONDS   its clock is so far from the machine's
// It ends with its input.

import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { Provider, errors } from 'oidc-provider';

const resources = new Map();
let shape = {};
const now = Date.now;
let answer = (_, response) => response.writeHead(503).end();
const server = createServer((request, response) => answer(request, response));
// Python's clients keep a connection exactly as long as Node.js does: who reuses it last would lose a request.
server.keepAliveTimeout = 120_000;
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'mcp-rs',
      client_secret: 'mcp-rs-secret-mcp-rs-secret-12345',
      redirect_uris: [],
      response_types: [],
      grant_types: [],
    },
  ],
  scopes: ['openid', 'offline_access', 'twenty:read', 'twenty:write'],
  formats: {
    customizers: {
      jwt: (_, __, token) => {
        token.header = shape.header;
        Object.assign(token.payload, shape.payload);
      },
    },
  },
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    registration: { enabled: true },
    revocation: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, resource) => {
        if (!resources.has(resource)) throw new errors.InvalidTarget();
        return {
          scope: 'openid twenty:read twenty:write',
          audience: resource,
          accessTokenFormat: resources.get(resource),
          jwt: { sign: { alg: 'RS256' } },
        };
      },
    },
  },
});

// Clients register for the scopes that they know of then; they may ask for more later.
provider.on('registration_create.success', (_, client) => {
  const { scope, ...rest } = client.metadata();
  return provider.Client.adapter.upsert(client.clientId, rest);
});

async function consent(request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: 'ann' } });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope ?? 'openid');
  for (const resource of [params.resource].flat().filter(Boolean)) {
    grant.addResourceScope(resource, params.scope ?? 'openid');
  }
  return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
}

answer = (request, response) => {
  if (!request.url.startsWith('/interaction/')) return provider.callback()(request, response);
  consent(request, response).catch((error) => response.writeHead(500).end(String(error)));
};
const commands = {
  jwt: (resource) => resources.set(resource, 'jwt'),
  opaque: (resource) => resources.set(resource, 'opaque'),
  shape: (given) => void (shape = JSON.parse(given)),
  clock: (seconds) => void (Date.now = () => now() + seconds * 1000),
};
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [command, given] = line.split(/ (.*)/s);
  commands[command](given);
  console.log('ok');
});
lines.on('close', () => process.exit(0));
console.log(issuer);
