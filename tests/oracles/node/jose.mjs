// Judges: JSON Web Tokens (the webhook policies of Xurrent/4me/R-Service), second opinion.
// Library: npm jose. It checks exp and nbf, aud only against a given audience, iat not at all; its
// base64url decoder ignores the spare bits of a signature's last character.
//
// in:  [{"mode":"sign","alg":"ES256","claims":{...},"headers":{"kid":"k1"},"key":"<secret or private PEM>"},
//       {"mode":"verify","token":"...","algs":["ES256"],"key":<secret | PEM | JWK | JWKS>,"audience":"a"}]
//      (headers, key and audience may be left out: a missing key is generated)
// out: [{"ok":true,"token":"...","public_pem":"...","public_jwk":{...},"jwks":{"keys":[{...}]}},
//       {"ok":true,"claims":{...},"header":{...}}]
//      HS*: "key" (the secret) in place of the public keys; none: only the token
//      {"ok":false,"error":"..."}

import { createPrivateKey, createPublicKey, KeyObject, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.ORACLES_NODE + '/');
const jose = await import(pathToFileURL(require.resolve('jose')));

const secretKey = (text) => new TextEncoder().encode(text);

async function sign({ alg, claims, headers = {}, key }) {
  if (alg === 'none') return { token: new jose.UnsecuredJWT(claims).encode() };
  const jwt = new jose.SignJWT(claims).setProtectedHeader({ typ: 'JWT', ...headers, alg });
  if (alg.startsWith('HS')) {
    const secret = key ?? randomBytes(64).toString('hex');
    return { token: await jwt.sign(secretKey(secret)), key: secret };
  }
  const generate = async () => (await jose.generateKeyPair(alg, { extractable: true })).privateKey;
  const privateKey = key ? createPrivateKey(key) : KeyObject.from(await generate());
  const publicKey = createPublicKey(privateKey);
  const jwk = { ...(await jose.exportJWK(publicKey)), alg, use: 'sig', kid: headers.kid };
  return {
    token: await jwt.sign(privateKey),
    public_pem: publicKey.export({ type: 'spki', format: 'pem' }),
    public_jwk: jwk,
    jwks: { keys: [jwk] },
  };
}

async function verify({ token, algs, key, audience }) {
  if (algs.includes('none')) {
    const { payload, header } = jose.UnsecuredJWT.decode(token, { audience });
    return { claims: payload, header };
  }
  let judged = key;
  if (key.keys) judged = jose.createLocalJWKSet(key);
  else if (typeof key === 'string') {
    judged = key.startsWith('-----BEGIN') ? createPublicKey(key) : secretKey(key);
  }
  const options = { algorithms: algs, audience };
  const { payload, protectedHeader } = await jose.jwtVerify(token, judged, options);
  return { claims: payload, header: protectedHeader };
}

const modes = { sign, verify };
const cases = JSON.parse(readFileSync(0, 'utf8'));
const results = cases.map(async (item) => {
  const run = modes[item.mode];
  if (!run) throw new Error(`unknown mode ${item.mode}`);
  return run(item).then((found) => ({ ok: true, ...found }), (error) => ({ ok: false, error: String(error) }));
});
process.stdout.write(JSON.stringify(await Promise.all(results)));
