// Looks for a newer version while the user types, so that a collision is no surprise.

import { isShown, shown } from './editing.js';
import { lookForNewer } from './reading.js';

/** How long after a key the page looks, in milliseconds. Keys in between wait for the same look. */
const PAUSE = 2000;

let isWaiting = false;

/** Looks soon, unless a look is due already. */
export function lookSoon() {
  const editing = shown;
  if (isWaiting || editing.id === null) return;
  isWaiting = true;
  setTimeout(() => {
    isWaiting = false;
    if (isShown(editing) && !document.querySelector('dialog[open]')) lookForNewer(editing);
  }, PAUSE);
}
