// Judges: the X-Hub-Signature header (Zammad, WebSub, GitHub).
// Library: npm x-hub-signature.
//
// in:  [{"mode":"verify","algorithm":"sha1","secret":"s","body":"<base64>","signature":"sha1=..."},
//       {"mode":"sign","algorithm":"sha1","secret":"s","body":"<base64>"}]
// out: [{"ok":true}, {"ok":true,"signature":"sha1=..."}]
//      {"ok":false} = wrong signature; {"ok":false,"error":"..."} = the library refused the case

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(process.env.ORACLES_NODE + '/');
const XHubSignature = require('x-hub-signature');

const modes = {
  sign: (hub, bytes) => ({ ok: true, signature: hub.sign(bytes) }),
  verify: (hub, bytes, { signature }) => ({ ok: hub.verify(signature, bytes) }),
};

function judge(item) {
  const run = modes[item.mode];
  if (!run) throw new Error(`unknown mode ${item.mode}`);
  try {
    const hub = new XHubSignature(item.algorithm, item.secret);
    return run(hub, Buffer.from(item.body, 'base64'), item);
  } catch (error) {
    return { ok: false, error: String(error) };
  }
}

const cases = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(cases.map(judge)));
