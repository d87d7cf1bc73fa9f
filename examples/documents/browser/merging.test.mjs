// Comparing and merging, without a browser: laws that hold for any texts.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { changedWords, differences } from '../page/compare.js';
import { conflictsIn, hasMarks, marksFor, mergeTexts, settle } from '../page/merge.js';

const ROUNDS = 3000;

/** Makes numbers that look random, the same ones in every run. */
function numbers(seed) {
  return below => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor(seed / 2 ** 32 * below);
  };
}

/** Makes a text of few lines of few kinds, so that two texts have much in common. */
function someText(below) {
  return Array.from({ length: below(9) }, () => 'abc'[below(3)]).join('\n');
}

function forSomeTexts(law) {
  const below = numbers(1);
  for (let round = 0; round < ROUNDS; round++) {
    const texts = [someText(below), someText(below), someText(below)];
    law(...texts, marksFor(texts, 'Grace'));
  }
}

test('applying the differences turns one text into the other, and no two regions touch', () => {
  forSomeTexts((one, other) => {
    const [before, after] = [one.split('\n'), other.split('\n')];
    let at = [0, 0];
    const made = [];
    for (const [index, region] of differences(before, after).entries()) {
      assert.ok(index === 0 || region.before[0] > at[0]);
      made.push(...before.slice(at[0], region.before[0]), ...after.slice(...region.after));
      at = [region.before[1], region.after[1]];
    }
    assert.equal([...made, ...before.slice(at[0])].join('\n'), other);
  });
});

test('a change of one side, or the same change of both, merges without a conflict', () => {
  forSomeTexts((base, changed, _, marks) => {
    assert.equal(mergeTexts(base, changed, base, marks), changed);
    assert.equal(mergeTexts(base, base, changed, marks), changed);
    assert.equal(mergeTexts(base, changed, changed, marks), changed);
  });
});

test('if every conflict is settled for one side, swapping the sides does not change the merge', () => {
  const settled = (text, marks, side) => {
    for (let conflict; (conflict = conflictsIn(text, marks)[0]);) text = settle(text, conflict, conflict[side]);
    assert.ok(!hasMarks(text, marks));
    return text;
  };
  forSomeTexts((base, one, other, marks) => {
    assert.equal(
      settled(mergeTexts(base, one, other, marks), marks, 'theirs'),
      settled(mergeTexts(base, other, one, marks), marks, 'mine'),
    );
  });
});

test('changes of lines that do not touch are merged', () => {
  const marks = marksFor([], 'Grace');
  assert.equal(mergeTexts('a\nb\nc', 'A\nb\nc', 'a\nb\nC', marks), 'A\nb\nC');
  assert.equal(mergeTexts('a\nb\nc', 'b\nc', 'a\nb\nc\nd', marks), 'b\nc\nd');
});

test('changes of the same or adjacent lines are a conflict', () => {
  const marks = marksFor([], 'Grace');
  assert.equal(mergeTexts('a', 'a\nb', 'a\nc', marks), 'a\n[Grace wrote:]\nb\n[Your text:]\nc\n[End of this choice]');
  assert.equal(mergeTexts('a\nb', 'A\nb', 'a\nB', marks), '[Grace wrote:]\nA\nb\n[Your text:]\na\nB\n[End of this choice]');
});

test('markers have more brackets than any marker in the texts', () => {
  assert.equal(marksFor(['a\n[Your text:]\nb', ''], 'Grace').between, '[[Your text:]]');
});

test('texts too long to compare are merged as one changed region', () => {
  const lines = (name, count) => Array.from({ length: count }, (_, index) => `${name} ${index}`).join('\n');
  const [base, theirs] = [lines('a', 3000), lines('b', 3000)];
  assert.equal(mergeTexts(base, theirs, base, marksFor([base, theirs], 'Grace')), theirs);
});

test('changed words are marked, with the space between them', () => {
  const marked = lines => lines.map(line => line.filter(part => part.changed).map(part => part.text));
  const { removed, added } = changedWords(['We meet in the small room today.'], ['We meet in the big hall today.']);
  assert.deepEqual([marked(removed), marked(added)], [[['small room']], [['big hall']]]);
});
