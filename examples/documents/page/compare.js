// Compares two lists of lines or words.

/** Above this many table cells, the whole middle of two lists counts as changed: the table would take too much memory. */
const MOST_CELLS = 4_000_000;

/**
 * Returns the regions in which two lists differ, by their longest common subsequence.
 * A region is {before: [start, end), after: [start, end)}; both lists share at least one item between two regions.
 */
export function differences(before, after) {
  let head = 0;
  let [beforeEnd, afterEnd] = [before.length, after.length];
  while (head < beforeEnd && head < afterEnd && before[head] === after[head]) head++;
  while (beforeEnd > head && afterEnd > head && before[beforeEnd - 1] === after[afterEnd - 1]) { beforeEnd--; afterEnd--; }

  const [rows, columns] = [beforeEnd - head, afterEnd - head];
  const region = (i, j, toI, toJ) => ({ before: [head + i, head + toI], after: [head + j, head + toJ] });
  if (rows === 0 && columns === 0) return [];
  if (rows * columns > MOST_CELLS) return [region(0, 0, rows, columns)];

  const same = (i, j) => i < rows && j < columns && before[head + i] === after[head + j];
  const width = columns + 1;
  const longest = new Uint16Array((rows + 1) * width);
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      longest[i * width + j] = same(i, j)
        ? longest[(i + 1) * width + j + 1] + 1
        : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }

  const regions = [];
  for (let i = 0, j = 0; i < rows || j < columns;) {
    const [fromI, fromJ] = [i, j];
    while ((i < rows || j < columns) && !same(i, j)) {
      const beforeGoes = j === columns || (i < rows && longest[(i + 1) * width + j] >= longest[i * width + j + 1]);
      if (beforeGoes) i++; else j++;
    }
    if (i > fromI || j > fromJ) regions.push(region(fromI, fromJ, i, j));
    while (same(i, j)) { i++; j++; }
  }
  return regions;
}

/** Splits a text into words, line ends, runs of other white space, and single characters. */
function wordsOf(text) {
  return text.match(/[\p{L}\p{M}\p{N}_]+|\n|[^\S\n]+|./gu) ?? [];
}

/**
 * Compares the lines of one changed region word by word: {removed, added}, each a list of lines,
 * each line a list of {text, changed}. If the two sides share few words, no word is marked:
 * marking almost everything would show nothing.
 */
export function changedWords(removed, added) {
  const [before, after] = [wordsOf(removed.join('\n')), wordsOf(added.join('\n'))];
  const regions = differences(before, after);
  const gone = regions.reduce((sum, { before: [start, end] }) => sum + end - start, 0);
  const alike = before.length - gone > Math.max(before.length, after.length) * 0.4;
  const lines = (words, side) => {
    const inRegion = index => regions.some(({ [side]: [start, end] }) => index >= start && index < end);
    // White space between two changed words is marked too, so that they show as one mark.
    const isMarked = index => inRegion(index) || (/^\s+$/.test(words[index]) && inRegion(index - 1) && inRegion(index + 1));
    const lines = [[]];
    words.forEach((word, index) => {
      if (word === '\n') return lines.push([]);
      const changed = alike && isMarked(index);
      const last = lines.at(-1).at(-1);
      if (last?.changed === changed) last.text += word;
      else lines.at(-1).push({ text: word, changed });
    });
    return lines;
  };
  return { removed: removed.length ? lines(before, 'before') : [], added: added.length ? lines(after, 'after') : [] };
}
