// Discards unsaved text, and brings it back.

import { Editing } from './editing.js';
import { byId } from './elements.js';

/** Goes back to what is saved. As long as the notice is shown, its button brings the text back. */
export function discard(editing) {
  const draft = editing.draft();
  if (editing.id === null) editing.take(new Editing(null));
  else editing.settle(editing.base);
  editing.keep();
  editing.say('info', 'Your text was discarded.', { Undo: () => bringBack(editing, draft) });
  byId('text').focus();
}

export function bringBack(editing, draft) {
  editing.take(draft);
  editing.keep();
  editing.say('info', 'Your text is back. It is not saved yet.');
  byId('text').focus();
}
