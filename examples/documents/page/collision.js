// The dialog for the second save: both changes side by side, and the choice between them.

import { diffOf } from './diff-view.js';
import { byId, choose, make, timeSince } from './elements.js';
import { showMerge } from './merge-form.js';
import { Merge } from './merging.js';

/** Asks what to do about a version that someone else saved first: 'theirs', 'mine', 'merged', or else later. */
export function askAboutCollision(editing, theirs, { by, at }) {
  const { base, mine } = editing;
  byId('collision-heading').textContent = `${by} saved first`;
  byId('collision-story').replaceChildren('You started from version ', make('code', {}, base.number ?? base.etag),
    '. The document is now at version ', make('code', {}, theirs.number ?? theirs.etag), ...(at ? [', saved ', timeSince(at)] : []),
    '. Your change is not saved yet, and none of it is lost.');
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
