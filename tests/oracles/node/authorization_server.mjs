// Judges: that an authorization server gives us tokens for what we ask, and that they are taken.
// Library: npm oidc-provider (certified by the OpenID Foundation).
//
// Not a list script: it runs until stdin ends and speaks one JSON document per line.
// in:  {"clients":[{"id":"desk","secret":"s","method":"client_secret_basic","scope":"a"}, ...],
//       "scopes":["a","b"],"seconds":60}             once; methods: client_secret_basic, _post
// out: {"token_url":"http://127.0.0.1:40123/token","receiver":"http://127.0.0.1:40123/receiver"}
// in:  {"cmd":"revoke"}                            every token that was given
// in:  {"cmd":"given"}
// out: {"ok":true,"given":[{"client":"desk","scope":"a"}, ...],
//       "received":[{"status":200,"client":"desk"}, ...]}
//      tokens given and requests to the receiver so far, oldest first
//
// The receiver takes requests with a token that this server has given, and no others.

import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

// The library tells people what is not for production; stdout is for answers.
console.info = console.warn = console.log = console.error;
const library = `${process.env.ORACLES_NODE}/node_modules/oidc-provider/lib/index.js`;
const { Provider } = await import(pathToFileURL(library));

const say = (value) => process.stdout.write(JSON.stringify(value) + '\n');
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { clients, scopes, seconds } = JSON.parse((await lines.next()).value);

const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: clients.map(({ id, secret, method, scope }) => ({
    client_id: id,
    client_secret: secret,
    token_endpoint_auth_method: method,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    scope,
  })),
  scopes,
  features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
  ttl: { ClientCredentials: seconds },
});
const given = [];
const received = [];
provider.on('client_credentials.saved', (token) => given.push(token));

const answer = provider.callback();
server.on('request', async (request, response) => {
  if (request.url !== '/receiver') return answer(request, response);
  const [, value] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  const token = value && (await provider.ClientCredentials.find(value));
  const status = token ? 200 : 401;
  received.push({ status, client: token?.clientId });
  response.writeHead(status).end();
});

say({ token_url: `${issuer}/token`, receiver: `${issuer}/receiver` });
for await (const line of lines) {
  const { cmd } = JSON.parse(line);
  if (cmd === 'revoke') await Promise.all(given.map((token) => token.destroy()));
  const tokens = given.map(({ clientId, scope }) => ({ client: clientId, scope }));
  say({ ok: true, given: tokens, received });
}
server.closeAllConnections();
server.close();
