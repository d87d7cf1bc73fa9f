// Saves a document, and does what the user chooses if the server refuses.

import { askAboutCollision } from './collision.js';
import { bringBack } from './discarding.js';
import { drafts } from './drafts.js';
import { changed, editingOf, isShown, sameDocument } from './editing.js';
import { byId, choose } from './elements.js';
import { showHistory } from './history.js';
import { madeBy, refreshList } from './list.js';
import { identified } from './repeating.js';
import { Unreachable, detailOf, pathOf } from './requests.js';
import { ask, read } from './wire.js';

/** An entity tag that no version has: a save with it is refused with 412, and so overwrites nothing. */
const NEVER_CURRENT = '""';

/** Saves the text, if this version is still current: the one that the text is based on, or one that the user has seen. */
export async function save(editing, etag = editing.base.etag) {
  const { lost } = editing;
  if (lost?.condition['If-Match'] === etag && lost.content && !sameDocument(lost.content, editing.mine)) {
    // Typed on after an answer was lost. If that save was made, it is what the text is based on now.
    const answer = await write(editing, lost);
    if (!answer) return;
    if (answer.status < 300) {
      await acceptSaved(editing, lost.content, answer);
      if (editing.isUnsaved) return save(editing);
      return editing.say('good', 'Saved.');
    }
    if (answer.status >= 500) return editing.say('bad', `Not saved. ${detailOf(answer)} Your text is kept here.`);
  }
  const sent = { ...editing.mine };
  const condition = { 'If-Match': etag };
  const answer = await write(editing, { method: 'PUT', path: pathOf(editing.id), condition, content: sent });
  if (!answer) return;
  if (answer.status === 412 || answer.status === 404) return resolveRefusal(editing, answer, condition);
  if (answer.status >= 400) return editing.say('bad', `Not saved. ${detailOf(answer)} Your text is kept here.`);
  await acceptSaved(editing, sent, answer);
  const isShownAsSent = editing.isUnsaved || sameDocument(editing.base, sent);
  editing.say('good', isShownAsSent ? 'Saved.' : 'Saved. Someone changed it since then: you see the current version.');
}

/**
 * Sends a write {method, path, condition, content}. If its answer is lost, the same write gets the same id next time:
 * the server then tells whether it was made. Returns null as `whileSaving` does.
 */
export const write = (editing, request) => whileSaving(editing, async () => {
  const sent = identified(request, editing.lost);
  editing.lost = sent;
  // A window that is closed before the answer comes still has the id.
  editing.keep();
  const answer = await ask(sent.method, sent.path, sent);
  // After an error of the server, nobody knows whether the write was made.
  if (answer.status < 500) editing.lost = null;
  editing.keep();
  return answer;
});

/** Sends a write. Returns null if another one is in progress, or if no answer came. */
async function whileSaving(editing, request) {
  if (editing.saving) return null;
  editing.saving = true;
  editing.notices = [];
  changed();
  const answer = await orUnreachable(editing, request);
  editing.saving = false;
  changed();
  return answer;
}

/** Returns the answer to a request. If none came, says so, offers `retry` for a document that was never read, and returns null. */
export async function orUnreachable(editing, request, retry) {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const kept = editing.isUnsaved ? ' Your text is kept here: save again when the server is back.' : '';
    editing.say('bad', `The server cannot be reached.${kept}`, retry && !editing.base ? { 'Try again': retry } : {});
    return null;
  }
}

/** The server has stored what was sent. Text typed since then stays unsaved, based on the new version. */
export async function acceptSaved(editing, sent, answer) {
  editing.base = { ...sent, etag: answer.etag ?? NEVER_CURRENT, number: answer.etag ? answer.number : null };
  editing.merging = null;
  editing.keep();
  refreshList();
  showHistory();
  if (answer.etag && answer.number) return;
  // Without a tag, the server may have stored something else than what was sent, or someone has written since.
  const { version } = await orUnreachable(editing, () => read(editing.id, { cache: 'no-cache' })) ?? {};
  if (!version) return;
  if (!editing.isUnsaved) editing.settle(version);
  else if (sameDocument(version, sent)) editing.base = version;
  editing.keep();
}

/** Reads the version that made the server refuse a save under this condition, and asks the user what to do. */
async function resolveRefusal(editing, { status, json }, condition) {
  const answer = await orUnreachable(editing, () => read(editing.id, { cache: 'no-cache' }));
  if (!answer) return;
  if (answer.status === 404) return resolveGone(editing);
  if (!answer.version) return editing.say('bad', `Not saved, and the current version could not be read. ${detailOf(answer)}`);
  if (sameDocument(answer.version, editing.mine)) {
    // The server performed an earlier save of the same text, but its answer was lost.
    editing.settle(answer.version);
    return editing.say('good', 'Saved: the server already has this text.');
  }
  await refreshList();
  await resolveCollision(editing, answer.version, madeBy(editing.id, answer.version, json), { condition, status });
}

/** Asks the user about a version that someone else saved first, and does what they choose. `refused` is as in the dialog. */
export async function resolveCollision(editing, theirs, made, refused = null) {
  editing.toldOf = theirs.number;
  const choice = isShown(editing) ? await askAboutCollision(editing, theirs, made, refused) : 'later';
  if (choice === 'theirs') {
    const draft = editing.draft();
    editing.settle(theirs);
    return editing.say('info', `This is what ${made.by} saved.`, { 'Bring my text back': () => bringBack(editing, draft) });
  }
  if (choice === 'mine') {
    editing.merging = null;
    return save(editing, theirs.etag);
  }
  if (choice === 'merged') {
    const { title, text } = editing.merging;
    // From here on the merge is the user's text, and it is based on the other version.
    editing.take({ ...editing.draft(), base: theirs, mine: { title, text }, merging: null });
    editing.keep();
    if (editing.isUnsaved) return save(editing);
    return editing.say('info', `The merge is the same as what ${made.by} saved.`);
  }
  editing.say('info', 'Not saved. Your text is kept here; save again to see both changes.');
}

/** Asks the user about unsaved text whose document someone deleted, and does what they choose. */
export async function resolveGone(editing) {
  refreshList();
  byId('gone-story').textContent = `Someone deleted “${editing.base.title || editing.id}” after you read it. Your text is not saved, and not lost.`;
  const choice = isShown(editing) ? await choose(byId('gone')) : 'later';
  if (choice === 'again') return createAgain(editing);
  if (choice === 'discard') {
    const draft = editing.draft();
    sayGone(editing);
    editing.mine = { title: '', text: '' };
    return editing.say('info', 'This document was deleted.', { 'Bring my text back': () => bringBack(editing, draft) });
  }
  editing.say('info', 'Not saved: this document was deleted. Your text is kept here; save again to decide.');
}

async function createAgain(editing) {
  const sent = { ...editing.mine };
  const condition = { 'If-None-Match': '*' };
  const answer = await write(editing, { method: 'PUT', path: pathOf(editing.id), condition, content: sent });
  if (!answer) return;
  if (answer.status === 412) return resolveRefusal(editing, answer, condition);
  if (answer.status >= 400) return editing.say('bad', `Not created. ${detailOf(answer)} Your text is kept here.`);
  await acceptSaved(editing, sent, answer);
  editing.say('good', 'Created again.');
}

/** Says that the document was deleted, and offers to create it again from the text that is shown. */
export function sayGone(editing) {
  const { mine } = editing;
  editing.base = null;
  editing.merging = null;
  drafts.remove(drafts.key(editing.slot));
  refreshList();
  editing.say('info', 'This document was deleted. You see the text as you last read it.', {
    'Create it again': () => {
      const created = editingOf(null);
      if (!created.isUnsaved) Object.assign(created, { wanted: editing.id, mine });
      location.hash = '#/new';
    },
  });
}
