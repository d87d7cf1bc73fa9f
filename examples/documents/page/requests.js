// Builds requests, sends them, and reads their answers. Knows nothing of what the page shows.

import { identityHeaders } from './repeating.js';

/** How long an answer may take, in milliseconds. */
const PATIENCE = 20_000;

/** The longest user name that the server takes, in characters, as encoded. */
export const MOST_NAME = 100;

/** No answer came: the server may or may not have performed the request. */
export class Unreachable extends Error {}

/** The path of a document on the server. */
export const pathOf = id => `/documents/${encodeURIComponent(id)}`;

/** An id that says the same as this title: "Plan for Monday" becomes "plan-for-monday". */
export const idFrom = title => [...title.toLowerCase().replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')].slice(0, 60).join('').replace(/^-|-$/g, '');

/** The address of a document within the page. */
export const routeOf = id => `#${pathOf(id)}`;

/** Encodes a user name for X-User: a header holds visible ASCII, so anything else is percent-encoded, and so is `%`. */
export const encodeName = name => name.toWellFormed().replace(/[^ -~]|%/gu, encodeURIComponent);

/** Decodes a user name. Other clients may send names that are not percent-encoded: they are returned as they are. */
export function decodeName(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

const SOMEONE = 'someone';

/** The name of the person who made a change. The server calls those who sent no name "anonymous". */
export const nameOf = changedBy => ['', 'anonymous'].includes(changedBy) ? SOMEONE : decodeName(changedBy);

/** The name as a sentence begins with it. */
export const atStart = name => name === SOMEONE ? 'Someone' : name;

/** Builds the options of `fetch`: condition headers, JSON content, and the name of the user who writes. */
export function requestFor(method, { condition = {}, content, by = '', cache = 'default' } = {}) {
  const headers = { ...condition };
  if (content !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET' && by) headers['X-User'] = encodeName(by);
  return { method, headers, body: content === undefined ? undefined : JSON.stringify(content), cache };
}

/** Sends a request, with an id if it has one, and reads the whole answer: {status, statusText, etag, number, text, json}. */
export async function send(method, path, options = {}) {
  const request = requestFor(method, options);
  Object.assign(request.headers, await identityHeaders(options.id, request.body));
  try {
    const response = await fetch(path, { ...request, signal: AbortSignal.timeout(PATIENCE) });
    const { status, statusText, headers } = response;
    const text = await response.text();
    const json = asJson(headers.get('Content-Type') ?? '', text);
    return { status, statusText, etag: headers.get('ETag'), number: headers.get('X-Version'), text, json };
  } catch (error) {
    throw new Unreachable('no answer', { cause: error });
  }
}

function asJson(mediaType, text) {
  if (!/[/+]json\b/.test(mediaType)) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Says why the server refused: its status, and its reason. */
export function detailOf(answer) {
  return `${answer.status}: ${answer.json?.detail ?? (answer.text.trim() || 'the server gave no reason')}`;
}

/** The version of a document in the answer to a GET: {etag, number, title, text}. The tag is opaque; the number is for people. */
export function versionIn({ status, etag, number, json }) {
  return status === 200 ? { etag, number, ...asShown(json) } : null;
}

/** Changes a document into what inputs can show: a title of one line, and text with `\n` as its only line end. */
function asShown({ title, text }) {
  return { title: title.replace(/[\r\n]+/g, ''), text: text.replace(/\r\n?/g, '\n') };
}
