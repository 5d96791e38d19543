// Judges: Adaptive Cards, as Teams' web client parses them.
// Libraries: npm adaptivecards (Microsoft's parser), npm markdown-it (what it renders texts with).
//
// in:  [{"type":"AdaptiveCard", ...}, ...]
// out: [{"ok":true,"errors":[],"texts":["<p>...</p>"]}, ...]
//      {"ok":false,"errors":["..."],"texts":[...]} = the parser or the validator complains;
//      texts: each TextBlock in order, rendered from Markdown to HTML

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(process.env.ORACLES_NODE + '/');
// The bundle is made for a browser; the package's modules cannot be loaded by Node.
globalThis.self ??= globalThis;
const { AdaptiveCard, SerializationContext, TextBlock, Versions } = require(
  'adaptivecards/dist/adaptivecards.js',
);
const markdown = require('markdown-it')();

function judge(json) {
  try {
    const context = new SerializationContext(Versions.v1_5);
    const card = new AdaptiveCard();
    card.parse(json, context);
    const errors = [];
    for (let i = 0; i < context.eventCount; i++) errors.push(context.getEventAt(i).message);
    errors.push(...card.validateProperties().validationEvents.map((event) => event.message));
    if (card.getItemCount() !== json.body?.length) errors.push('an element was left out');
    const texts = [];
    for (let i = 0; i < card.getItemCount(); i++) {
      const item = card.getItemAt(i);
      if (item instanceof TextBlock) texts.push(markdown.render(item.text ?? ''));
    }
    return { ok: errors.length === 0, errors, texts };
  } catch (error) {
    return { ok: false, errors: [String(error)], texts: [] };
  }
}

const cases = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(cases.map(judge)));
