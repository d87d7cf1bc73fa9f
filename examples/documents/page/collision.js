// The dialog for the second save: both changes side by side, and the choice between them.

import { diffOf } from './diff-view.js';
import { byId, choose, make, timeSince } from './elements.js';
import { showMerge } from './merge-form.js';
import { Merge } from './merging.js';
import { atStart } from './requests.js';

/** What each condition asks the server to do. */
const ASKS = { 'If-Match': 'save only over this version', 'If-None-Match': 'save only if there is no document yet' };

/**
 * Asks what to do about a version that someone else saved first: 'theirs', 'mine', 'merged', or else later.
 * `refused` is the save that the server refused, {condition, status}, or null if the user only compares.
 */
export function askAboutCollision(editing, theirs, { by, at }, refused) {
  const { base, mine } = editing;
  byId('collision-heading').textContent = `${atStart(by)} saved first`;
  byId('collision-story').replaceChildren('You started from version ', make('code', {}, base.number ?? base.etag),
    '. The document is now at version ', make('code', {}, theirs.number ?? theirs.etag), ...(at ? [', saved ', timeSince(at)] : []),
    '. Your change is not saved yet, and none of it is lost.');
  byId('collision-why').replaceChildren(...reason(editing, theirs, refused));
  byId('theirs-heading').textContent = `What ${by} changed`;
  byId('theirs-diff').replaceChildren(...diffOf(base, theirs));
  byId('mine-diff').replaceChildren(...diffOf(base, mine));
  byId('take-theirs').replaceChildren(make('strong', {}, 'Take theirs'), `Drops your change, and keeps what ${by} saved.`);
  byId('keep-mine').replaceChildren(make('strong', {}, 'Keep mine'), `Replaces what ${by} saved with your text.`);
  byId('start-merge').replaceChildren(make('strong', {}, 'Merge…'), 'Puts both changes into one text, for you to check.');
  showMerge(null);
  byId('start-merge').onclick = () => showMerge(new Merge(editing, theirs, by));
  return choose(byId('collision'));
}

/** Says why the server refused the save, or why it would, in the words of the request and the answer. */
function reason({ base }, theirs, refused) {
  const [[name, value]] = Object.entries(refused?.condition ?? { 'If-Match': base.etag });
  const status = refused?.status ?? 412;
  return [
    refused ? 'You sent ' : 'A save sends ', make('code', {}, `${name}: ${value}`), `, which means: ${ASKS[name]}. `,
    // After a 404, someone created the document again before the page read it.
    ...(status === 404 ? ['There was no document, so the server answered ', make('code', {}, '404'), '. Now it has ', make('code', {}, theirs.etag)]
      : ['The server has ', make('code', {}, theirs.etag), refused ? ', so it answered ' : ', so it would answer ', make('code', {}, '412 Precondition Failed')]),
    '.', ...codingNote([value, theirs.etag]),
  ];
}

/** Says what the suffix of a compressed copy's tag means, if one of these tags has it. */
function codingNote(tags) {
  const suffix = tags.map(tag => /~[a-z]+(?="$)/.exec(tag)?.[0]).find(Boolean);
  return suffix ? [' The ', make('code', {}, suffix), ' only says that the copy came compressed.'] : [];
}
