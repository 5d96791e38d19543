// Runs: the examples of the documentation, each a module that exports `verify(headers, body, key)`.
//
// in:  [{"module":"/absolute/path.mjs","headers":{"name":"value"},"body":"<base64>","key":"..."}]
// out: [{"ok":true,"value":...}]   (what the example returns; null for nothing)
//      {"ok":false,"error":"..."}   (what it throws)

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const cases = JSON.parse(readFileSync(0, 'utf8'));
const results = [];
for (const { module, headers, body, key } of cases) {
  const { verify } = await import(pathToFileURL(module));
  try {
    const value = await verify(headers, Buffer.from(body, 'base64'), key);
    results.push({ ok: true, value: value ?? null });
  } catch (error) {
    results.push({ ok: false, error: String(error) });
  }
}
process.stdout.write(JSON.stringify(results));
