// Starts the page, and shows the part that the address names: `#/`, `#/new`, `#/documents/{id}`, `#/collision` or `#/try`.

import { listenToBuilder, openBuilder } from './builder.js';
import { show, shown } from './editing.js';
import { listenToEditor } from './editor.js';
import { byId } from './elements.js';
import { acceptId } from './form.js';
import { refreshList } from './list.js';
import { listenToMerge } from './merge-form.js';
import { openDocument } from './reading.js';
import { decodeName } from './requests.js';
import { listenToStory, openStory } from './story.js';
import { listenToName } from './user.js';
import { claimWindow } from './windows.js';
import { watchTimings } from './wire.js';

/** Shows the part of the page that the address names, and returns its heading. */
function showRoute() {
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
  const { hash } = location;
  const id = /^#\/documents\/(.+)$/.exec(hash)?.[1];
  const view = { '#/try': 'builder', '#/collision': 'story', '#/new': 'editor' }[hash] ?? (id ? 'editor' : 'welcome');
  document.body.dataset.view = view;
  for (const name of ['welcome', 'story', 'editor', 'builder']) byId(name).hidden = name !== view;
  byId('side').hidden = view === 'builder' || view === 'story';
  byId('wire').hidden = view === 'builder';
  markCurrent(byId('to-documents'), view !== 'builder');
  markCurrent(byId('to-builder'), view === 'builder');
  acceptId();
  byId('history').open = false;
  if (shown) shown.notices = [];
  show(null);
  document.title = { builder: 'Request builder – documents', story: 'A collision – documents' }[view] ?? 'documents';
  if (view === 'editor') openDocument(id ? decodeName(id) : null);
  if (view === 'builder') openBuilder();
  if (view === 'story') openStory();
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
  listenToStory();
  // Drafts are kept by the name of the window, so documents open after it is known.
  await claimWindow();
  showRoute();
  window.addEventListener('hashchange', () => showRoute().focus());
  window.addEventListener('focus', refreshList);
}

start();
