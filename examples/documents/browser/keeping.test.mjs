// Keeping drafts and merges in the browser's storage, without a browser.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import { drafts } from '../page/drafts.js';
import { Editing, changed, editingOf, forget, whenChanged } from '../page/editing.js';
import { Merge } from '../page/merging.js';

/** A storage in memory, whose keys are its properties as in a browser. */
class FakeStorage {
  getItem(key) { return this[key] ?? null; }
  setItem(key, value) { this[key] = value; }
  removeItem(key) { delete this[key]; }
}

beforeEach(() => { globalThis.localStorage = new FakeStorage(); });
afterEach(() => { delete globalThis.localStorage; });

const VERSION = { etag: '"1"', number: '1', title: 'Plan', text: 'one' };

function edited(text, id = 'plan') {
  const editing = new Editing(id);
  editing.settle(VERSION);
  editing.mine = { title: 'Plan', text };
  return editing;
}

test('unsaved text is kept as a draft, and saved text is not', () => {
  const editing = edited('two');
  const key = drafts.key(editing.slot);
  assert.equal(editing.keep(), true);
  assert.deepEqual(drafts.read(key).mine, { title: 'Plan', text: 'two' });
  assert.deepEqual(drafts.read(key).base, VERSION);
  editing.settle({ ...VERSION, text: 'two' });
  assert.equal(drafts.read(key), null);
});

test('a document is opened with its draft, and says so', () => {
  edited('two').keep();
  const editing = editingOf('plan');
  assert.equal(editing.mine.text, 'two');
  assert.equal(editing.notices[0].text[0], 'Restored your unsaved text from ');
  assert.equal(editingOf('plan'), editing);
  forget(editing);
  assert.equal(editingOf('plan').isUnsaved, false);
  forget(editingOf('plan'));
});

test('the drafts of other windows are left behind, the newest first, unless those windows are open', () => {
  const put = (window, at) => localStorage.setItem(`draft/${window}/document/plan`, JSON.stringify({ ...edited(window).draft(), at }));
  put('old', '2024-01-01T00:00:00.000Z');
  put('new', '2024-01-02T00:00:00.000Z');
  put('open', '2024-01-03T00:00:00.000Z');
  const left = drafts.leftBehind(new Set(['open']));
  assert.deepEqual(left.map(({ slot, draft }) => [slot, draft.mine.text]), [['document/plan', 'new'], ['document/plan', 'old']]);
});

test('a value that is no draft is not read', () => {
  const whole = { ...edited('two').draft(), at: '2024-01-01T00:00:00.000Z' };
  for (const [name, key, draft] of [
    ['nothing', 'draft/a/document/plan', null],
    ['no text', 'draft/a/document/plan', { ...whole, mine: { title: '' } }],
    ['no basis for an existing document', 'draft/a/document/plan', { ...whole, base: null }],
    ['no time', 'draft/a/document/plan', { ...whole, at: undefined }],
  ]) {
    localStorage.setItem(key, JSON.stringify(draft));
    assert.equal(drafts.read(key), null, name);
  }
  localStorage.setItem('draft/a/document/plan', 'no JSON');
  assert.equal(drafts.read('draft/a/document/plan'), null);
  localStorage.setItem('draft/a/document/plan', JSON.stringify(whole));
  assert.notEqual(drafts.read('draft/a/document/plan'), null);
  localStorage.setItem('draft/a/new', JSON.stringify({ ...whole, base: null }));
  assert.notEqual(drafts.read('draft/a/new'), null);
});

test('a storage that is full or switched off is a failure that a later draft clears', () => {
  localStorage.setItem = () => { throw Object.assign(new Error(), { name: 'QuotaExceededError' }); };
  assert.equal(edited('two').keep(), false);
  assert.equal(drafts.failure, 'its storage is full');
  delete globalThis.localStorage;
  assert.equal(edited('two').keep(), false);
  assert.equal(drafts.failure, 'its storage is switched off');
  assert.deepEqual(drafts.leftBehind(new Set()), []);
  globalThis.localStorage = new FakeStorage();
  assert.equal(edited('two').keep(), true);
  assert.equal(drafts.failure, null);
});

test('a notice has the form shown again', () => {
  let times = 0;
  whenChanged(() => { times++; });
  edited('two').say('info', 'Hello.');
  changed();
  assert.equal(times, 2);
});

test('a merge is kept with the draft, and starts over if they saved again', () => {
  const editing = edited('one\n\nmine');
  editing.base = { ...VERSION, text: 'one\n\ntwo' };
  const theirs = { ...VERSION, number: '2', text: 'ONE\n\ntwo' };
  const merge = new Merge(editing, theirs, 'Grace');
  assert.equal(merge.text, 'ONE\n\nmine');
  merge.change('Plan', 'by hand');
  assert.equal(drafts.read(drafts.key(editing.slot)).merging.text, 'by hand');
  assert.equal(new Merge(editing, theirs, 'Grace').text, 'by hand');
  assert.equal(new Merge(editing, { ...theirs, number: '3' }, 'Grace').text, 'ONE\n\nmine');
});

test('the range of a conflict covers it from its first marker to its last', () => {
  const editing = edited('a\nmine\nb');
  editing.base = { ...VERSION, text: 'a\nbase\nb' };
  const merge = new Merge(editing, { ...VERSION, number: '2', text: 'a\ntheirs\nb' }, 'Grace');
  assert.equal(merge.isOpen, true);
  const [conflict] = merge.conflicts;
  assert.equal(merge.text.slice(...merge.rangeOf(conflict)), '[Grace wrote:]\ntheirs\n[Your text:]\nmine\n[End of this choice]');
  merge.settle(conflict, conflict.theirs);
  assert.deepEqual([merge.text, merge.isOpen, merge.conflicts], ['a\ntheirs\nb', false, []]);
});
