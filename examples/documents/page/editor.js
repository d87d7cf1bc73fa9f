// The controls of the editor: what each of them does.

import { create } from './creating.js';
import { remove } from './deleting.js';
import { discard } from './discarding.js';
import { drafts } from './drafts.js';
import { isAnyUnsaved, shown, whenChanged } from './editing.js';
import { byId } from './elements.js';
import { acceptId, readInputs, render } from './form.js';
import { showHistory } from './history.js';
import { readAgain } from './reading.js';
import { save } from './saving.js';
import { lookSoon } from './watching.js';

export function listenToEditor() {
  whenChanged(render);
  byId('form').addEventListener('input', readInputs);
  byId('form').addEventListener('input', lookSoon);
  byId('form').addEventListener('submit', submit);
  byId('id').addEventListener('input', acceptId);
  byId('discard').addEventListener('click', () => discard(shown));
  byId('read-again').addEventListener('click', () => readAgain(shown));
  byId('remove').addEventListener('click', () => remove(shown));
  byId('history').addEventListener('toggle', showHistory);
  document.addEventListener('keydown', saveByKey);
  window.addEventListener('beforeunload', warn);
}

function submit(event) {
  event.preventDefault();
  if (byId('save').getAttribute('aria-disabled') === 'true') return;
  if (shown.id === null) create(shown);
  else if (shown.isUnsaved) save(shown);
  else shown.say('info', 'There is nothing to save.');
}

/** Ctrl+S, or Command+S. */
function saveByKey(event) {
  if ((event.ctrlKey || event.metaKey) && event.key === 's' && shown && !document.querySelector('dialog[open]')) {
    event.preventDefault();
    byId('form').requestSubmit();
  }
}

/** Drafts make a warning needless, unless the browser cannot keep them. */
function warn(event) {
  if (drafts.failure !== null && isAnyUnsaved()) event.preventDefault();
}
