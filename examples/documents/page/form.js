// The form of the document that is shown.

import { drafts } from './drafts.js';
import { shown } from './editing.js';
import { byId, make, setValue, timeSince } from './elements.js';
import { renderFacts, renderList } from './list.js';
import { idFrom, pathOf, routeOf } from './requests.js';

/** Shows the form as its document is. */
export function render() {
  const editing = shown;
  if (!editing) return;
  const isNew = editing.id === null;
  const isRead = isNew || editing.base !== null;
  document.title = `${editing.isUnsaved ? '• ' : ''}${(isNew ? 'New document' : editing.mine.title || editing.id)} – documents`;
  byId('editor-heading').textContent = isNew ? 'New document' : editing.mine.title || editing.id;
  renderFacts(editing);
  renderNotices(editing);

  byId('id-field').hidden = !isNew;
  setValue(byId('id'), editing.wanted);
  byId('id-hint').textContent = `Address: ${idFor(editing) ? pathOf(idFor(editing)) : '/documents/…'}`;
  setValue(byId('title'), editing.mine.title);
  setValue(byId('text'), editing.mine.text);
  for (const input of [byId('title'), byId('text')]) input.readOnly = !isRead;

  byId('save').textContent = isNew ? 'Create' : 'Save';
  byId('save').setAttribute('aria-disabled', String(!isRead || editing.saving));
  byId('discard').hidden = !editing.isUnsaved || editing.saving;
  for (const id of ['read-again', 'remove']) byId(id).hidden = isNew || !isRead;
  byId('second-window').hidden = isNew;
  byId('second-window').href = isNew ? '#' : routeOf(editing.id);
  byId('history').hidden = isNew;
  renderState(editing);
}

/** The id of a new document: as the user typed it, or made from the title. */
export const idFor = ({ wanted, mine }) => wanted.trim() || idFrom(mine.title);

/** The buttons of a notice go when it goes: if one of them has the focus, the heading gets it. */
function renderNotices(editing) {
  const words = part => typeof part === 'string' ? part : timeSince(part.since);
  const notice = ({ kind, text, actions }) => make('div', { className: 'notice', 'data-kind': kind },
    make('p', {}, ...[text].flat().map(words)),
    ...Object.entries(actions).map(([name, onclick]) => make('button', { type: 'button', className: 'plain', onclick }, name)));
  const hadFocus = byId('notices').contains(document.activeElement);
  byId('notices').replaceChildren(...editing.notices.map(notice));
  if (hadFocus) byId('editor-heading').focus();
}

/** Says whether everything is saved, and whether the browser keeps a draft of what is not. */
function renderState(editing) {
  const unsaved = editing.isUnsaved;
  const isKept = drafts.failure === null;
  const [state, name] = [byId('state'), unsaved ? 'unsaved' : 'saved'];
  if (state.dataset.state !== name) renderList();
  state.dataset.state = name;
  if (unsaved && !isKept) state.textContent = 'Not saved';
  else if (editing.saving) state.textContent = 'Saving…';
  else if (unsaved) state.textContent = 'Not saved; kept in this browser';
  else state.textContent = editing.base ? 'All saved' : '';
  byId('no-drafts').textContent = unsaved && !isKept
    ? `This browser cannot keep a draft: ${drafts.failure}. Until you save, your text exists only in this window.`
    : '';
}

/** Takes what is typed into the document, and keeps it as a draft. */
export function readInputs() {
  shown.mine = { title: byId('title').value, text: byId('text').value };
  shown.wanted = byId('id').value;
  shown.keep();
  render();
}

/** Says why a document cannot be created under this id. */
export function refuseId(...reason) {
  byId('id-error').replaceChildren(...reason);
  byId('id').setAttribute('aria-invalid', 'true');
  byId('id').focus();
}

export function acceptId() {
  byId('id-error').replaceChildren();
  byId('id').removeAttribute('aria-invalid');
}
