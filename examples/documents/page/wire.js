// Asks the server, and shows every request and its answer in the table "Over the wire".

import { byId, make } from './elements.js';
import { pathOf, send, versionIn } from './requests.js';
import { userName } from './user.js';

/** How many requests the table shows. */
const MOST_ROWS = 40;

/** The rows of the table, the oldest first. */
const rows = [];

/** Sends a request as this user, or as `by`, and shows it in the table. */
export async function ask(method, path, options = {}) {
  const row = addRow(method, path, options.condition);
  try {
    const answer = await send(method, path, { by: userName(), ...options });
    showAnswer(row, answer);
    return answer;
  } catch (error) {
    row.answer.className = 'bad';
    row.answer.textContent = 'no answer';
    throw error;
  }
}

/** Reads a document. The version is null if the answer has none. */
export async function read(id, options) {
  const answer = await ask('GET', pathOf(id), options);
  return { ...answer, version: versionIn(answer) };
}

function addRow(method, path, condition = {}) {
  const conditions = Object.entries(condition).map(([name, value]) => `${name}: ${value}`);
  const answer = make('td', {}, '…');
  const element = make('tr', {}, make('td', {}, `${method} ${path}`), make('td', {}, conditions.join(', ')), answer);
  const row = { url: new URL(path, location).href, since: performance.now(), method, element, answer };
  rows.push(row);
  byId('wire-rows').append(element);
  byId('wire-empty').hidden = true;
  byId('wire-scroll').hidden = false;
  if (rows.length > MOST_ROWS) rows.shift().element.remove();
  byId('wire-scroll').scrollTop = byId('wire-scroll').scrollHeight;
  return row;
}

function showAnswer(row, { status, statusText }) {
  row.answer.className = status < 400 ? 'good' : 'bad';
  // The timing of this request may have been reported first: it knows better.
  if (!row.fromCache) row.answer.textContent = `${status} ${statusText}`;
}

/**
 * Finds the 304 that the browser's cache got for its own conditional request: a script sees only the 200 of
 * the cached copy. Resource Timing reports a revalidated answer as 300 bytes, whatever its real size; an answer
 * that was sent whole counts its body as well.
 */
function showTiming({ name, startTime, transferSize, encodedBodySize }) {
  const row = rows.find(row => row.method === 'GET' && row.url === name && row.since <= startTime && !row.isTimed);
  if (!row) return;
  row.isTimed = true;
  row.fromCache = transferSize === 300 && encodedBodySize > 0;
  if (row.fromCache) {
    row.answer.replaceChildren('304 Not Modified', make('small', {}, 'the browser added If-None-Match, for its cache'));
  }
}

export function watchTimings() {
  new PerformanceObserver(list => list.getEntries().forEach(showTiming)).observe({ type: 'resource' });
}
