// A destination in JavaScript: posts each ticket event to a chat's incoming webhook as
// {"text": "…"}. README.md beside this says how to build it.

import { settings } from 'hookwright:plugin/context@1.0.0';
import { write } from 'hookwright:plugin/log@1.0.0';

const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: {
    url: { type: 'string', format: 'uri', title: 'Address of the webhook' },
  },
  required: ['url'],
  additionalProperties: false,
};

export const metadata = {
  describe() {
    return {
      name: 'chat-webhook',
      version: '1.0.0',
      title: 'Incoming webhook of a chat',
      description: 'Posts {"text": "…"} for every event of a ticket.',
      homepage: undefined,
      events: ['ticket.*'],
      settingsSchema: JSON.stringify(schema),
      secrets: [
        {
          name: 'token',
          title: 'Bearer token',
          description: 'Sent as `Authorization: Bearer`, if it is set.',
          required: false,
        },
      ],
      origins: [],
    };
  },
};

export const transform = {
  transform(event) {
    const { url } = JSON.parse(settings());
    const { ticket, comment } = JSON.parse(event.data);
    if (!ticket.title) {
      throw new Error(`ticket ${ticket.id} has no title`);
    }
    write('debug', `ticket ${ticket.number}`);
    const lines = [`${event.eventType}: #${ticket.number} ${ticket.title}`, comment?.text];
    const text = (value) => ({ tag: 'text', val: value });
    const request = {
      method: 'POST',
      url: [text(url)],
      headers: [
        ['Content-Type', [text('application/json')]],
        // The host fills the secret in; without one it leaves the header out.
        [
          'Authorization',
          [text('Bearer '), { tag: 'secret', val: { slot: 'token', encoding: 'raw' } }],
        ],
      ],
      body: [text(JSON.stringify({ text: lines.filter(Boolean).join('\n') }))],
    };
    return { tag: 'deliver', val: [request] };
  },
};
