// Judges: the webhook-id, webhook-timestamp and webhook-signature headers (Standard Webhooks).
// Library: npm standardwebhooks. It refuses timestamps more than 5 minutes away from now. It reads
// the body as UTF-8 text (broken bytes become U+FFFD), so judge UTF-8 bodies only.
//
// in:  [{"mode":"verify","secret":"whsec_...","body":"<base64>",
//        "headers":{"webhook-id":"...","webhook-timestamp":"...","webhook-signature":"v1,..."}},
//       {"mode":"sign","secret":"whsec_...","body":"<base64>","id":"msg_1","timestamp":1614265330}]
//      (timestamp: Unix seconds, now if left out)
// out: [{"ok":true}, {"ok":true,"headers":{"webhook-id":"...", ...}}]
//      {"ok":false,"error":"..."}

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(process.env.ORACLES_NODE + '/');
const { Webhook } = require('standardwebhooks');

function sign(webhook, bytes, { id, timestamp = Math.floor(Date.now() / 1000) }) {
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': webhook.sign(id, new Date(timestamp * 1000), bytes),
  };
  return { ok: true, headers };
}

function verify(webhook, bytes, { headers }) {
  webhook.verify(bytes, headers, { jsonParse: false }); // throws if anything is wrong
  return { ok: true };
}

const modes = { sign, verify };

function judge(item) {
  const run = modes[item.mode];
  if (!run) throw new Error(`unknown mode ${item.mode}`);
  try {
    return run(new Webhook(item.secret), Buffer.from(item.body, 'base64'), item);
  } catch (error) {
    return { ok: false, error: String(error) };
  }
}

const cases = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(cases.map(judge)));
