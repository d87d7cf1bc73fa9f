// Merges two changes of one text, and finds the conflicts in the result.

import { differences } from './compare.js';

/**
 * Merges two changes of one list. A part that one side changed, or both in the same way, is {settled: lines}.
 * A part that both sides changed differently, or in adjacent lines, is {theirs: lines, mine: lines}.
 */
function merge(base, theirs, mine) {
  const changes = [
    ...differences(base, theirs).map(change => ({ ...change, side: 'theirs' })),
    ...differences(base, mine).map(change => ({ ...change, side: 'mine' })),
  ].sort((one, other) => one.before[0] - other.before[0] || one.before[1] - other.before[1]);

  const groups = [];
  for (const change of changes) {
    const group = groups.at(-1);
    if (group && change.before[0] <= group.end) {
      group.end = Math.max(group.end, change.before[1]);
      group.changes.push(change);
    } else {
      groups.push({ start: change.before[0], end: change.before[1], changes: [change] });
    }
  }

  const parts = [];
  let at = 0;
  for (const { start, end, changes } of groups) {
    const of = (side, lines) => applied(base, start, end, changes.filter(change => change.side === side), lines);
    const [one, other] = [of('theirs', theirs), of('mine', mine)];
    const sides = new Set(changes.map(change => change.side));
    parts.push({ settled: base.slice(at, start) });
    if (sides.size === 1) parts.push({ settled: sides.has('theirs') ? one : other });
    else if (equal(one, other)) parts.push({ settled: one });
    else parts.push({ theirs: one, mine: other });
    at = end;
  }
  parts.push({ settled: base.slice(at) });
  return parts;
}

/** Applies these changes to the lines of the base from start to end; `lines` has the new lines. */
function applied(base, start, end, changes, lines) {
  const result = [];
  for (const { before, after } of changes) {
    result.push(...base.slice(start, before[0]), ...lines.slice(...after));
    start = before[1];
  }
  return [...result, ...base.slice(start, end)];
}

function equal(one, other) {
  return one.length === other.length && one.every((line, index) => line === other[index]);
}

/** Merges two changes of one text. Marker lines surround each conflict. */
export function mergeTexts(base, theirs, mine, marks) {
  const parts = merge(...[base, theirs, mine].map(text => text.split('\n')));
  return parts.flatMap(part => part.settled ?? [marks.theirs, ...part.theirs, marks.between, ...part.mine, marks.mine]).join('\n');
}

/** Makes conflict markers, in words, that are not a line of any of these texts. */
export function marksFor(texts, theirName) {
  const lines = new Set(texts.flatMap(text => text.split('\n')));
  for (let depth = 1; ; depth++) {
    const inBrackets = words => `${'['.repeat(depth)}${words}${']'.repeat(depth)}`;
    const marks = {
      theirs: inBrackets(`${theirName} wrote:`),
      between: inBrackets('Your text:'),
      mine: inBrackets('End of this choice'),
    };
    if (!Object.values(marks).some(mark => lines.has(mark))) return marks;
  }
}

/** Finds the conflicts in a merged text: the lines of their first and last markers, and both sides. */
export function conflictsIn(text, marks) {
  const lines = text.split('\n');
  const conflicts = [];
  for (let end = 0; ;) {
    const start = lines.indexOf(marks.theirs, end);
    const between = lines.indexOf(marks.between, start);
    end = lines.indexOf(marks.mine, between);
    if (start < 0 || between < 0 || end < 0) return conflicts;
    conflicts.push({ start, end, theirs: lines.slice(start + 1, between), mine: lines.slice(between + 1, end) });
  }
}

/** Whether the text still contains any marker, even if its conflict is no longer complete. */
export function hasMarks(text, marks) {
  const lines = new Set(text.split('\n'));
  return Object.values(marks).some(mark => lines.has(mark));
}

/** Replaces one conflict of a merged text with these lines. */
export function settle(text, conflict, lines) {
  const all = text.split('\n');
  all.splice(conflict.start, conflict.end - conflict.start + 1, ...lines);
  return all.join('\n');
}
