// Opens a document, and reads it again. Unsaved text is left alone.

import { createAs } from './creating.js';
import { changed, editingOf, show } from './editing.js';
import { showLeftBehind } from './left-behind.js';
import { listed, madeBy, refreshList } from './list.js';
import { atStart, detailOf } from './requests.js';
import { orUnreachable, resolveCollision, resolveGone, sayGone } from './saving.js';
import { read } from './wire.js';

/** Shows a document, or with null the form for a new one, and reads the current version. */
export async function openDocument(id) {
  const editing = editingOf(id);
  show(editing);
  changed();
  showLeftBehind();
  if (id === null) return;
  const answer = await readFor(editing, {}, () => openDocument(id));
  if (!answer) return;
  if (answer.version && !editing.isUnsaved) {
    editing.settle(answer.version);
  } else if (answer.version) {
    if (answer.version.number !== editing.base.number) await offerToCompare(editing, answer.version);
  } else if (answer.status === 404 && editing.isUnsaved) {
    await resolveGone(editing);
  } else if (answer.status === 404) {
    editing.say('info', `There is no document “${id}”.`, { 'Create it': () => createAs(id) });
  } else {
    editing.say('bad', `The document could not be read. ${detailOf(answer)}`, { 'Try again': () => openDocument(id) });
  }
  changed();
}

/** Asks the server whether there is a newer version, and shows it. */
export async function readAgain(editing) {
  const answer = await readFor(editing, { condition: { 'If-None-Match': editing.base.etag }, cache: 'no-store' });
  if (!answer) return;
  if (answer.status === 304) return editing.say('good', '304: nothing has changed since you read it.');
  if (answer.status === 404) return editing.isUnsaved ? resolveGone(editing) : sayGone(editing);
  if (!answer.version) return editing.say('bad', `The document could not be read. ${detailOf(answer)}`);
  if (editing.isUnsaved) return offerToCompare(editing, answer.version);
  editing.settle(answer.version);
  await refreshList();
  editing.say('info', `${atStart(madeBy(editing.id, answer.version).by)} changed it. You now see the new version.`);
}

/** Tells the user of a newer version, if the list of the server has one. Reads the document only then. */
export async function lookForNewer(editing) {
  if (!editing.isUnsaved || !editing.base?.number || editing.saving) return;
  await refreshList();
  const row = listed.find(row => row.id === editing.id);
  if (!row || [editing.base?.number, editing.toldOf].includes(String(row.version))) return;
  const answer = await readFor(editing, { cache: 'no-cache' });
  if (!answer?.version || editing.saving || !editing.isUnsaved || answer.version.number === editing.base.number) return;
  await offerToCompare(editing, answer.version);
}

/** Reads a document. Returns null if no answer came, or if the text has another basis by then: a save was faster. */
async function readFor(editing, options, retry) {
  const { base } = editing;
  const answer = await orUnreachable(editing, () => read(editing.id, options), retry);
  return editing.base === base ? answer : null;
}

/** Says that someone saved a newer version than the one that the unsaved text is based on. */
async function offerToCompare(editing, version) {
  editing.toldOf = version.number;
  await refreshList();
  const made = madeBy(editing.id, version);
  editing.say('info', `${atStart(made.by)} changed this document after you began. Save to see both changes.`, {
    'Compare now': () => resolveCollision(editing, version, made),
  });
}
