// Judges: that a Bot API server accepts our sendMessage calls and reads from them what we meant.
// Library: npm telegram-test-api (a real HTTP server; checks neither length nor parse_mode).
//
// Not a list script: it runs until stdin ends and speaks one JSON document per line.
// out: {"url":"http://127.0.0.1:40123"}           once, when the server listens
// in:  {"cmd":"messages"}
// out: {"ok":true,"messages":[{"token":"1:AA","chat_id":7,"text":"...","parse_mode":"HTML"}, ...]}
//      every message so far, oldest first, with all fields of the request body
//      {"ok":false,"error":"..."}                 the line was no known command
//
// Send with POST {url}/bot<token>/sendMessage, a JSON or urlencoded body.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(process.env.ORACLES_NODE + '/');
const TelegramServer = require('telegram-test-api');

const DAY_IN_SECONDS = 24 * 3600; // the library forgets messages after 60 s if not told otherwise
const sink = new TelegramServer({ host: '127.0.0.1', storeTimeout: DAY_IN_SECONDS });
sink.config.port = 0; // any free port; the constructor turns a 0 into 9000
await sink.start();

const say = (value) => process.stdout.write(JSON.stringify(value) + '\n');

function answer(line) {
  try {
    const { cmd } = JSON.parse(line);
    if (cmd !== 'messages') return { ok: false, error: `unknown command ${cmd}` };
  } catch (error) {
    return { ok: false, error: String(error) };
  }
  const messages = sink.storage.botMessages.map((m) => ({ token: m.botToken, ...m.message }));
  return { ok: true, messages };
}

say({ url: `http://127.0.0.1:${sink.server.address().port}` });
for await (const line of createInterface({ input: process.stdin })) say(answer(line));
await sink.stop();
