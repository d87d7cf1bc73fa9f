// The documents that this window edits: what each is based on, what is typed, and what is said about it.

import { drafts } from './drafts.js';

export class Editing {
  /** The id is null for a document that does not exist yet. */
  constructor(id) {
    this.id = id;
    this.slot = slotOf(id);
    /** The version that the text is based on. */
    this.base = null;
    /** The content of the inputs. */
    this.mine = { title: '', text: '' };
    /** The id that the user wants for a new document. */
    this.wanted = '';
    /** A merge in progress: {number, title, text}, where the number is that of the other version. */
    this.merging = null;
    /** The last write, if its answer was lost: {method, path, condition, content, id}. */
    this.lost = null;
    /** The number of the newest version of someone else that the user was told of. */
    this.toldOf = null;
    this.notices = [];
    this.saving = false;
  }

  get isUnsaved() {
    if (this.id === null) return Boolean(this.wanted || this.mine.title || this.mine.text);
    return this.base !== null && !sameDocument(this.mine, this.base);
  }

  /** Keeps the draft, or removes it if everything is saved. Returns false if the browser cannot keep it. */
  keep() {
    if (!this.isUnsaved) drafts.remove(drafts.key(this.slot));
    else return drafts.put(drafts.key(this.slot), this.draft());
  }

  draft() {
    const { base, mine, wanted, merging, lost } = this;
    return { base, mine, wanted, merging, lost };
  }

  /** Continues with a draft. */
  take({ base, mine, wanted, merging, lost = null }) {
    Object.assign(this, { base, mine, wanted, merging, lost });
  }

  /** Drops everything unsaved, and continues with this version. */
  settle(version) {
    this.base = version;
    this.mine = { title: version.title, text: version.text };
    this.merging = null;
    this.keep();
  }

  /**
   * Shows a notice above the form in place of the last one. Its text is a string, or a list of strings
   * and {since: time}; its actions are functions by the names of their buttons.
   */
  say(kind, text, actions = {}) {
    this.notices = [{ kind, text, actions }];
    changed();
  }
}

const slotOf = id => id === null ? 'new' : `document/${id}`;

export const sameDocument = (one, other) => one.title === other.title && one.text === other.text;

/** Every document that was opened in this window, by slot. Unsaved text stays here when another is shown. */
const opened = new Map();

/** The document that the form shows, or null. */
export let shown = null;

export const show = editing => { shown = editing; };
export const isShown = editing => editing === shown;
export const isUnsavedHere = slot => Boolean(opened.get(slot)?.isUnsaved);
export const isAnyUnsaved = () => [...opened.values()].some(editing => editing.isUnsaved);

let listener = () => {};

/** Calls this function whenever the form has to be shown again. */
export const whenChanged = render => { listener = render; };
export const changed = () => listener();

/** The document as this window has it: as it was left, or restored from its draft, or not read yet. */
export function editingOf(id) {
  const editing = opened.get(slotOf(id)) ?? new Editing(id);
  if (!opened.has(editing.slot)) {
    opened.set(editing.slot, editing);
    const draft = drafts.read(drafts.key(editing.slot));
    if (draft) {
      editing.take(draft);
      editing.notices = [{ kind: 'info', text: ['Restored your unsaved text from ', { since: draft.at }, '.'], actions: {} }];
    }
  }
  return editing;
}

/** Closes a document, and removes its draft. */
export function forget(editing) {
  opened.delete(editing.slot);
  drafts.remove(drafts.key(editing.slot));
}
