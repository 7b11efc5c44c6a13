// A real authorization server on loopback: npm's certified `oidc-provider`, where everybody who asks is `ann` and
// consents. It prints its issuer once it serves. Each line of its standard input is a resource that it gives out at+jwt
// for; it ends with its input.

import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { Provider, errors } from 'oidc-provider';

const resources = [];
let answer = (_, response) => response.writeHead(503).end();
const server = createServer((request, response) => answer(request, response));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [],
  scopes: ['openid', 'offline_access', 'twenty:read', 'twenty:write'],
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    registration: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, resource) => {
        if (!resources.includes(resource)) throw new errors.InvalidTarget();
        return {
          scope: 'openid twenty:read twenty:write',
          audience: resource,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        };
      },
    },
  },
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
const lines = createInterface({ input: process.stdin });
lines.on('line', (resource) => resources.push(resource)).on('close', () => process.exit(0));
console.log(issuer);
