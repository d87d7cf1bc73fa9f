// Shows what changed between two versions of a document, line by line.

import { changedWords, differences } from './compare.js';
import { make } from './elements.js';

/** How many unchanged lines are shown on either side of a change. */
const CONTEXT = 2;

/** Makes the rows that show a changed title, and the changed lines of the text with the lines around them. */
export function diffOf(before, after) {
  const rows = [];
  if (before.title !== after.title) rows.push(...changedRows([before.title], [after.title], 'title'));
  const [old, now] = [before.text, after.text].map(text => text.split('\n'));
  const regions = differences(old, now);
  if (regions.length === 0) rows.push(leftOut(rows.length ? 'The text is the same.' : 'Nothing.'));
  regions.forEach(({ before: [start, end], after: [from, to] }, index) => {
    rows.push(...context(old, regions[index - 1]?.before[1] ?? 0, start, index > 0, true));
    rows.push(...changedRows(old.slice(start, end), now.slice(from, to), ''));
    if (index === regions.length - 1) rows.push(...context(old, end, old.length, true, false));
  });
  return rows;
}

/** Shows the unchanged lines from start to end, without those that are far from the change before or after them. */
function context(lines, start, end, follows, precedes) {
  const row = line => make('div', { 'data-sign': '' }, make('span', {}, line));
  const near = (follows ? CONTEXT : 0) + (precedes ? CONTEXT : 0);
  if (end - start <= near + 1) return lines.slice(start, end).map(row);
  const [first, last] = [start + (follows ? CONTEXT : 0), end - (precedes ? CONTEXT : 0)];
  return [...lines.slice(start, first).map(row), leftOut(`${last - first} unchanged lines`), ...lines.slice(last, end).map(row)];
}

const leftOut = words => make('div', { className: 'left-out', 'data-sign': '' }, make('span', {}, words));

function changedRows(removed, added, kind) {
  const words = changedWords(removed, added);
  const row = (tag, name, sign) => line => make('div', { className: `${name} ${kind}`, 'data-sign': sign },
    make(tag, {}, ...line.map(({ text, changed }) => changed ? make('mark', {}, text) : text)));
  return [...words.removed.map(row('del', 'removed', '−')), ...words.added.map(row('ins', 'added', '+'))];
}
