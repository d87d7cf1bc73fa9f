// The part of the collision dialog in which the user completes a merge.

import { byId, make, setValue } from './elements.js';

/** The merge that the form shows, or null while the dialog offers its choices. */
let merging = null;

/** Shows a merge in place of the choices, or with null the choices again. */
export function showMerge(next) {
  merging = next;
  byId('merge').hidden = merging === null;
  byId('resolutions').hidden = merging !== null;
  byId('merge-error').textContent = '';
  if (merging === null) return;
  renderMerge();
  byId('merge-heading').focus();
  byId('merge').scrollIntoView({ block: 'start' });
}

function renderMerge() {
  setValue(byId('merged-title'), merging.title);
  setValue(byId('merged-text'), merging.text);
  const { conflicts } = merging;
  byId('merge-story').textContent = conflicts.length === 0
    ? 'Nothing is left to choose. Check the text, then save it.'
    : `You both changed ${conflicts.length === 1 ? 'one passage' : `${conflicts.length} passages`}. Choose a side${conflicts.length === 1 ? '' : ' for each'}, or edit the text and remove the lines in brackets.`;
  const rows = conflicts.map(conflictRow);
  if (merging.titlesDiffer) rows.unshift(titleRow());
  byId('conflicts').replaceChildren(...rows);
  byId('conflicts').hidden = rows.length === 0;
}

const button = (name, about, onclick) => make('button', { type: 'button', onclick, 'aria-label': `${name}: ${about}` }, name);

function conflictRow(conflict, index) {
  const about = `conflict ${index + 1}`;
  const use = lines => () => settle(conflict, lines);
  return make('li', {},
    make('span', {}, `Conflict ${index + 1}, line ${conflict.start + 1}`),
    button(`Use what ${merging.by} wrote`, about, use(conflict.theirs)),
    button('Use what you wrote', about, use(conflict.mine)),
    button('Use both', about, use([...conflict.theirs, ...conflict.mine])),
    button('Show', about, () => select(conflict)));
}

function titleRow() {
  const use = title => button(`“${title}”`, 'title', () => change(title, merging.text));
  return make('li', {}, make('span', {}, 'Both changed the title'), use(merging.theirs.title), use(merging.editing.mine.title));
}

function change(title, text) {
  merging.change(title, text);
  byId('merge-error').textContent = '';
  renderMerge();
}

function settle(conflict, lines) {
  merging.settle(conflict, lines);
  byId('merge-error').textContent = '';
  renderMerge();
  focusNextConflict();
}

function focusNextConflict() {
  (byId('conflicts').querySelector('button') ?? byId('merged-text')).focus();
}

function select(conflict) {
  byId('merged-text').focus();
  byId('merged-text').setSelectionRange(...merging.rangeOf(conflict));
}

export function listenToMerge() {
  byId('merge').addEventListener('input', () => change(byId('merged-title').value, byId('merged-text').value));
  byId('merge').addEventListener('submit', event => {
    if (!merging.isOpen) return;
    event.preventDefault();
    byId('merge-error').textContent = 'Something is left to choose: choose a side, or remove the lines in brackets.';
    focusNextConflict();
  });
  byId('leave-merge').addEventListener('click', () => {
    showMerge(null);
    byId('start-merge').focus();
  });
}
