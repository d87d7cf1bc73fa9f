// Gives every browser window a name of its own, under which it keeps its drafts.

import { stored } from './storage.js';

/** The name of this window; set by `claimWindow`. */
export let thisWindow;

export const freshWindow = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), number => number.toString(36)).join('');

/**
 * Names this window. The session storage keeps the name over a reload, but a duplicated window
 * has a copy of it: only one of the two gets the lock, and the other takes a new name.
 */
export async function claimWindow() {
  const remembered = stored(() => sessionStorage.getItem('window'));
  // Without locks (plain HTTP to another machine) nothing tells a reload from a duplicate.
  const reclaimed = remembered && navigator.locks && await holdWindow(remembered);
  thisWindow = reclaimed ? remembered : freshWindow();
  if (!reclaimed && navigator.locks) await holdWindow(thisWindow);
  stored(() => sessionStorage.setItem('window', thisWindow));
}

/** Takes the lock of this name until the window closes. Waits a moment, because a reload frees it late. */
function holdWindow(name) {
  return new Promise(done => {
    const held = () => {
      done(true);
      return new Promise(() => {});
    };
    navigator.locks.request(`window/${name}`, { signal: AbortSignal.timeout(500) }, held).catch(() => done(false));
  });
}

/** The names of all open windows of this browser, as far as their locks tell. */
export async function openWindows() {
  const locks = await navigator.locks?.query();
  const names = (locks?.held ?? []).map(lock => /^window\/(.*)$/s.exec(lock.name)?.[1]);
  return new Set([thisWindow, ...names]);
}
