// Uses the browser's storage, which the user may have switched off.

/** Runs an action on a storage, and returns its result, or null if the storage refuses. */
export function stored(action) {
  try {
    return action();
  } catch {
    return null;
  }
}
