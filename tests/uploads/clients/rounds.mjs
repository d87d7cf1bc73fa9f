// One round of every client: a stale PUT, and then a write that is made, on the same connection if it lives on.
// A client is started with: KIND BASE SIZE COUNT PAUSE. It prints each outcome once, with its number.

import { randomUUID } from 'node:crypto';

const [kind, base, size, count, pause] = process.argv.slice(2);

/** What a client needs; `pause` is the milliseconds between head and content, and 0 for no pause. */
export const given = { kind, base, size: Number(size), count: Number(count), pause: Number(pause) };

export const STALE = { 'If-Match': '"0"', 'Content-Type': 'application/json' };
export const NEW = { 'If-None-Match': '*', 'Content-Type': 'application/json' };
export const DOCUMENT = '{"title":"Plan","text":"next"}';

/** Plays the rounds: `put(path, fields, content)` returns the status. */
export async function play(put) {
  const outcomes = new Map();
  const content = 'x'.repeat(given.size);
  const status = async (...request) => {
    try {
      return await put(...request);
    } catch (error) {
      return error.cause?.code ?? error.code ?? error.message;
    }
  };
  for (let round = 0; round < given.count; round++) {
    const refused = await status('/documents/plan', STALE, content);
    const made = await status(`/documents/${randomUUID()}`, NEW, DOCUMENT);
    const outcome = `${refused} ${made}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  for (const [outcome, number] of outcomes) console.log(`${number}\t${outcome}`);
}
