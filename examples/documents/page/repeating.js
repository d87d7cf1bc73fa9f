// Gives each write an id, and the same id to its repetition: then the server knows whether it was made.

/** Returns the write with an id: that of the write whose answer was lost, if this is the same. */
export function identified(write, lost) {
  return lost && isSame(write, lost) ? lost : { ...write, id: freshId() };
}

const isSame = (one, other) => withoutId(one) === withoutId(other);
const withoutId = ({ method, path, condition, content }) =>
  JSON.stringify([method, path, condition, content?.title, content?.text]);

const freshId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');

/**
 * Builds the headers that identify a write: its id, and a digest of its content. Without the digest the server
 * ignores the id. A browser hashes only for a page that came by HTTPS or from this machine.
 */
export async function identityHeaders(id, body = '') {
  if (!id || !globalThis.crypto?.subtle) return {};
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body)));
  return { 'Idempotency-Key': `"${id}"`, 'Content-Digest': `sha-256=:${btoa(String.fromCharCode(...digest))}:` };
}
