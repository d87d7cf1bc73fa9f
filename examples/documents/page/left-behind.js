// The drafts of closed windows, which the next window on the same document offers.

import { drafts } from './drafts.js';
import { changed, isShown, shown } from './editing.js';
import { byId, make, timeSince } from './elements.js';
import { refreshList } from './list.js';
import { freshWindow, openWindows } from './windows.js';

/** Lists the drafts that closed windows left for the document that is shown. */
export async function showLeftBehind() {
  const editing = shown;
  const left = drafts.leftBehind(await openWindows()).filter(({ slot }) => slot === editing.slot);
  if (!isShown(editing)) return;
  const item = ({ key, draft }) => make('li', { className: 'notice' },
    make('p', {}, 'Unsaved text from a closed window, ', timeSince(draft.at), `: “${beginning(draft)}”`),
    make('button', { type: 'button', className: 'plain', onclick: () => adopt(editing, key, draft) }, 'Bring it back'),
    make('button', { type: 'button', className: 'plain', onclick: () => throwAway(key) }, 'Throw it away'));
  byId('left-behind').replaceChildren(...left.map(item));
  byId('left-behind').hidden = left.length === 0;
}

function beginning({ mine, wanted }) {
  const words = [wanted, mine.title, mine.text].filter(Boolean).join(' · ').replace(/\s+/g, ' ');
  return words.length > 70 ? `${words.slice(0, 70)}…` : words;
}

/** Continues with a draft. The unsaved text of this window takes its place among those left behind. */
function adopt(editing, key, draft) {
  const aside = drafts.key(editing.slot, freshWindow());
  if (editing.isUnsaved && !drafts.put(aside, editing.draft())) return changed();
  editing.take(draft);
  if (editing.keep() !== false) drafts.remove(key);
  editing.say('info', 'The text is back. It is not saved yet.');
  showLeftBehind();
  byId('text').focus();
}

function throwAway(key) {
  drafts.remove(key);
  showLeftBehind();
  refreshList();
  byId('editor-heading').focus();
}
