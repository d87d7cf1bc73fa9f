// Creates a document, unless its id is taken.

import { editingOf, forget, isShown } from './editing.js';
import { make, timeSince } from './elements.js';
import { idFor, refuseId } from './form.js';
import { detailOf, nameOf, pathOf, routeOf } from './requests.js';
import { acceptSaved, write } from './saving.js';

export async function create(editing) {
  const id = idFor(editing);
  if (id === '') return refuseId('Enter a title or an id.');
  // A path that ends in one of these names another resource.
  if (id === '.' || id === '..') return refuseId('An id cannot be “.” or “..”.');
  const sent = { ...editing.mine };
  const answer = await write(editing, { method: 'PUT', path: pathOf(id), condition: { 'If-None-Match': '*' }, content: sent });
  if (!answer) return;
  if (answer.status === 412) return refuseTaken(id, answer.json ?? {});
  if (answer.status >= 400) return editing.say('bad', `Not created. ${detailOf(answer)} Your text is kept here.`);

  const created = editingOf(id);
  // The user may have typed since.
  created.mine = { ...editing.mine };
  await acceptSaved(created, sent, answer);
  created.say('good', 'Created.');
  forget(editing);
  if (isShown(editing)) location.replace(routeOf(id));
}

function refuseTaken(id, { changed_by: by, changed_at: at }) {
  const change = by && at ? [`; ${nameOf(by)} changed it `, timeSince(at)] : [];
  refuseId(`A document “${id}” exists already`, ...change, '. Choose another id, or ',
    make('a', { href: routeOf(id) }, 'open that one'), '. Your text stays here.');
}

/** Opens the form for a new document under this id. */
export function createAs(id) {
  const editing = editingOf(null);
  if (!editing.isUnsaved) editing.wanted = id;
  location.hash = '#/new';
}
