// Keeps unsaved text in the browser's storage, for each window by itself.

import { stored } from './storage.js';
import { thisWindow } from './windows.js';

export const drafts = {
  /** Why the last draft could not be kept; null if it was kept. */
  failure: null,

  key: (slot, window = thisWindow) => `draft/${window}/${slot}`,

  /** Reads a draft; null if there is none, or if the value is not one that this page wrote. */
  read(key) {
    const draft = stored(() => JSON.parse(localStorage.getItem(key)));
    return isDraft(key, draft) ? draft : null;
  },

  /** Keeps a draft, and returns whether that succeeded. */
  put(key, draft) {
    try {
      localStorage.setItem(key, JSON.stringify({ ...draft, at: new Date().toISOString() }));
      this.failure = null;
    } catch (error) {
      this.failure = error.name === 'QuotaExceededError' ? 'its storage is full' : 'its storage is switched off';
    }
    return this.failure === null;
  },

  remove(key) {
    stored(() => localStorage.removeItem(key));
  },

  /** The drafts of all windows but these: [{key, slot, draft}], the newest first. */
  leftBehind(windows) {
    const keys = stored(() => Object.keys(localStorage)) ?? [];
    return keys
      .map(key => /^draft\/([^/]+)\/(.*)$/s.exec(key))
      .filter(match => match && !windows.has(match[1]))
      .map(([key, , slot]) => ({ key, slot, draft: this.read(key) }))
      .filter(({ draft }) => draft !== null)
      .sort((one, other) => other.draft.at.localeCompare(one.draft.at));
  },
};

/** Only the draft of a new document has no version that it is based on. */
function isDraft(key, draft) {
  if (!isDocument(draft?.mine) || typeof draft.at !== 'string') return false;
  return draft.base === null ? /^draft\/[^/]+\/new$/.test(key) : isDocument(draft.base);
}

const isDocument = document => typeof document?.title === 'string' && typeof document.text === 'string';
