// Who changed the document that is shown, and when.

import { shown } from './editing.js';
import { byId, make, timeSince } from './elements.js';
import { Unreachable, detailOf, nameOf, pathOf } from './requests.js';
import { ask } from './wire.js';

/** Reads the history and shows it, if the user has opened it. */
export async function showHistory() {
  if (!byId('history').open || !shown || shown.id === null) return;
  const rows = byId('history-rows');
  try {
    const answer = await ask('GET', `${pathOf(shown.id)}/history`);
    if (!Array.isArray(answer.json)) return rows.replaceChildren(make('p', { className: 'quiet' }, detailOf(answer)));
    rows.replaceChildren(historyTable(answer.json.reverse()));
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    rows.replaceChildren(make('p', { className: 'quiet' }, 'The server cannot be reached.'));
  }
}

function historyTable(changes) {
  const heads = ['Version', 'What', 'Who', 'When'].map(name => make('th', { scope: 'col' }, name));
  const row = change => make('tr', {}, ...[change.version, change.what, nameOf(change.changed_by), timeSince(change.changed_at)]
    .map(value => make('td', {}, value)));
  return make('table', {}, make('thead', {}, make('tr', {}, ...heads)), make('tbody', {}, ...changes.map(row)));
}
