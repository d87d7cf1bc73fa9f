// A merge in progress, which the user completes: both changes in one text, and the conflicts still open.

import { conflictsIn, hasMarks, marksFor, mergeTexts, settle } from './merge.js';
import { atStart } from './requests.js';

export class Merge {
  /** Merges the text of this editing with the version that someone (`by`) saved first. */
  constructor(editing, theirs, by) {
    Object.assign(this, { editing, theirs, by });
    const { base, mine, merging } = editing;
    this.marks = marksFor([theirs.text, mine.text], atStart(by));
    this.titlesDiffer = theirs.title !== base.title && mine.title !== base.title && theirs.title !== mine.title;
    // Continue a merge that was begun, unless they have saved again since.
    if (merging?.number !== theirs.number) {
      this.change(mine.title === base.title ? theirs.title : mine.title, mergeTexts(base.text, theirs.text, mine.text, this.marks));
    }
  }

  get title() { return this.editing.merging.title; }
  get text() { return this.editing.merging.text; }
  get conflicts() { return conflictsIn(this.text, this.marks); }
  get isOpen() { return hasMarks(this.text, this.marks); }

  /** Replaces the merged title and text, and keeps them in the draft. */
  change(title, text) {
    this.editing.merging = { number: this.theirs.number, title, text };
    this.editing.keep();
  }

  /** Replaces one conflict with these lines. */
  settle(conflict, lines) {
    this.change(this.title, settle(this.text, conflict, lines));
  }

  /** Where a conflict starts and ends in the text, as offsets for a selection. */
  rangeOf({ start, end }) {
    const lines = this.text.split('\n');
    const from = lines.slice(0, start).join('\n').length + (start > 0 ? 1 : 0);
    return [from, from + lines.slice(start, end + 1).join('\n').length];
  }
}
