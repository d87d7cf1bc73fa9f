// The name of the user, which goes with every write.

import { byId } from './elements.js';
import { MOST_NAME, encodeName } from './requests.js';
import { stored } from './storage.js';

export const userName = () => byId('name').value.trim();

/** Shows the name that the browser remembers, and remembers what is typed. */
export function listenToName() {
  const input = byId('name');
  input.value = stored(() => localStorage.getItem('name')) ?? '';
  input.addEventListener('input', () => {
    while (encodeName(userName()).length > MOST_NAME) input.value = [...input.value].slice(0, -1).join('');
    stored(() => localStorage.setItem('name', userName()));
  });
}
