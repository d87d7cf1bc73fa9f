// Shows the server's list: the documents at the side, and the facts under the heading.

import { drafts } from './drafts.js';
import { isUnsavedHere, shown } from './editing.js';
import { byId, make, timeSince } from './elements.js';
import { Unreachable, detailOf, nameOf, pathOf, routeOf, send } from './requests.js';
import { openWindows } from './windows.js';

/** The server's list, as it was last read. */
export let listed = [];

export async function refreshList() {
  const note = byId('list-note');
  try {
    const answer = await send('GET', '/documents');
    if (Array.isArray(answer.json)) listed = answer.json;
    note.textContent = answer.status === 200 ? (listed.length ? '' : 'No documents yet.') : detailOf(answer);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    note.textContent = 'The server cannot be reached.';
  }
  note.hidden = note.textContent === '';
  await renderList();
  if (shown) renderFacts(shown);
}

export async function renderList() {
  const left = new Set(drafts.leftBehind(await openWindows()).map(({ slot }) => slot));
  const isUnsaved = slot => isUnsavedHere(slot) || left.has(slot) || drafts.read(drafts.key(slot)) !== null;
  const focused = byId('list').contains(document.activeElement) && document.activeElement.getAttribute('href');
  byId('list').replaceChildren(...listed.map(({ id, title, changed_by: by, changed_at: at }) => {
    const facts = make('span', { className: 'quiet' }, ...(title && title !== id ? [make('code', {}, id), ' · '] : []), nameOf(by), ', ', timeSince(at));
    if (isUnsaved(`document/${id}`)) facts.append(' · ', make('span', { className: 'unsaved' }, 'unsaved text'));
    const link = make('a', { href: routeOf(id) }, make('strong', {}, title || id), facts);
    if (shown?.id === id) link.setAttribute('aria-current', 'page');
    return make('li', {}, link);
  }));
  if (focused) [...byId('list').querySelectorAll('a')].find(link => link.getAttribute('href') === focused)?.focus();
}

/** Shows the address, which version the text is based on, and who made it or a newer one. */
export function renderFacts(editing) {
  const row = listed.find(row => row.id === editing.id);
  const facts = editing.id === null ? [] : [make('code', {}, pathOf(editing.id))];
  if (editing.base) facts.push(' · version ', make('code', {}, editing.base.number ?? editing.base.etag));
  if (editing.base && row) {
    const isOlder = !isAbout(row, editing.base);
    facts.push(isOlder ? ' – there is a newer one by ' : ', by ', nameOf(row.changed_by), ', ', timeSince(row.changed_at));
  }
  byId('facts').replaceChildren(...facts);
}

/** Who made this version, and when: from the refusal that came with it, if any, or from the list. */
export function madeBy(id, version, problem) {
  const row = [problem, listed.find(row => row.id === id)].find(row => typeof row?.changed_by === 'string' && isAbout(row, version));
  return { by: nameOf(row?.changed_by ?? 'anonymous'), at: row?.changed_at ?? null };
}

/** Compares numbers and not tags: a version has another tag for each content coding. */
const isAbout = (row, version) => String(row.version) === version.number;
