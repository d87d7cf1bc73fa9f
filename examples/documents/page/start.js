// Starts the page, and shows the part that the address names: `#/`, `#/new`, `#/documents/{id}` or `#/try`.

import { listenToBuilder, openBuilder } from './builder.js';
import { show, shown } from './editing.js';
import { listenToEditor } from './editor.js';
import { byId } from './elements.js';
import { acceptId } from './form.js';
import { refreshList } from './list.js';
import { listenToMerge } from './merge-form.js';
import { openDocument } from './reading.js';
import { decodeName } from './requests.js';
import { listenToName } from './user.js';
import { claimWindow } from './windows.js';
import { watchTimings } from './wire.js';

/** Shows the part of the page that the address names, and returns its heading. */
function showRoute() {
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
  const { hash } = location;
  const id = /^#\/documents\/(.+)$/.exec(hash)?.[1];
  const view = hash === '#/try' ? 'builder' : id || hash === '#/new' ? 'editor' : 'welcome';
  document.body.dataset.view = view;
  for (const name of ['welcome', 'editor', 'builder']) byId(name).hidden = name !== view;
  byId('side').hidden = byId('wire').hidden = view === 'builder';
  markCurrent(byId('to-documents'), view !== 'builder');
  markCurrent(byId('to-builder'), view === 'builder');
  acceptId();
  byId('history').open = false;
  if (shown) shown.notices = [];
  show(null);
  document.title = view === 'builder' ? 'Request builder – documents' : 'documents';
  if (view === 'editor') openDocument(id ? decodeName(id) : null);
  if (view === 'builder') openBuilder();
  refreshList();
  return byId(`${view}-heading`);
}

function markCurrent(link, isCurrent) {
  if (isCurrent) link.setAttribute('aria-current', 'page');
  else link.removeAttribute('aria-current');
}

async function start() {
  watchTimings();
  listenToName();
  listenToEditor();
  listenToMerge();
  listenToBuilder();
  // Drafts are kept by the name of the window, so documents open after it is known.
  await claimWindow();
  showRoute();
  window.addEventListener('hashchange', () => showRoute().focus());
  window.addEventListener('focus', refreshList);
}

start();
