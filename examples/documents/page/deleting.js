// Deletes the version that the user has read, and no other.

import { forget, isShown } from './editing.js';
import { byId, choose } from './elements.js';
import { madeBy, refreshList } from './list.js';
import { detailOf, pathOf } from './requests.js';
import { orUnreachable, resolveCollision, write } from './saving.js';
import { read } from './wire.js';

/** Asks the user, and deletes the document. */
export async function remove(editing) {
  const lost = editing.isUnsaved ? ' Your unsaved text is deleted with it.' : '';
  byId('removal-story').textContent =
    `This deletes “${editing.base.title || editing.id}” for everyone, unless someone changed it after you read it.${lost}`;
  if (await choose(byId('removal')) !== 'delete') return;
  const answer = await write(editing, { method: 'DELETE', path: pathOf(editing.id), condition: { 'If-Match': editing.base.etag } });
  if (!answer) return;
  if (answer.status === 412) return showNewer(editing, answer.json);
  if (answer.status >= 400 && answer.status !== 404) return editing.say('bad', `Not deleted. ${detailOf(answer)}`);
  forget(editing);
  if (isShown(editing)) location.replace('#/');
  refreshList();
}

/** Someone changed the document: shows the new version, or offers to compare it with the user's unsaved text. */
async function showNewer(editing, problem) {
  const { version } = await orUnreachable(editing, () => read(editing.id, { cache: 'no-cache' })) ?? {};
  if (!version) return;
  const made = madeBy(editing.id, version, problem);
  if (editing.isUnsaved) {
    return editing.say('bad', `Not deleted: ${made.by} changed it after you read it.`, {
      'Compare now': () => resolveCollision(editing, version, made),
    });
  }
  editing.settle(version);
  editing.say('bad', `Not deleted: ${made.by} changed it after you read it. You now see the new version.`);
  refreshList();
}
