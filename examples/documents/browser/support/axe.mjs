// axe-core, which finds what keeps people from using a page.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const SOURCE = readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** WCAG 2.2, levels A and AA, and the rules that axe-core calls best practice: landmarks, order of headings. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe-core leaves to a person, and a person found to be right: rule, and what the check says of the element. */
const LEFT_TO_PEOPLE = [
  // A version, such as 1, is a text although it has one character.
  ['color-contrast', ({ message }) => /too short/.test(message)],
  // It takes a modal dialog to cover its own text. `access.test.mjs` computes the contrast of that text.
  ['color-contrast', ({ message, relatedNodes }) => /obscured/.test(message) && relatedNodes.every(({ target }) => target[0] === '#collision')],
  // The cross on a button is a picture, and the name of the button says what it does.
  ['label-content-name-mismatch', ({ message }) => /Unable to determine/.test(message)],
];

const isRight = (id, { any }) => LEFT_TO_PEOPLE.some(([rule, says]) => rule === id && any.some(says));

/**
 * Returns the violations of this page as it is now, one a line: the rule, the element, and what is wrong.
 *
 * axe-core runs in a world of its own, as the scripts of an extension do. So it works although the policy of the
 * page allows no foreign script, and the policy stays as it is.
 */
export async function violationsOn(page) {
  // For a moment, a dialog ignores the pointer, and axe-core then cannot tell what stands behind a text.
  await page.locator('dialog.opening').waitFor({ state: 'detached' });
  const session = await page.context().newCDPSession(page);
  try {
    const { frameTree } = await session.send('Page.getFrameTree');
    const world = { frameId: frameTree.frame.id, worldName: 'axe' };
    const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', world);
    const run = async expression => {
      const { result, exceptionDetails } = await session.send('Runtime.evaluate', { contextId, expression, awaitPromise: true, returnByValue: true });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    };
    await run(`${await SOURCE}; undefined`);
    const { violations, incomplete, passes } = JSON.parse(await run(`axe.run(document, { runOnly: ${JSON.stringify(TAGS)} }).then(JSON.stringify)`));
    if (passes.length < 10) throw new Error(`axe-core tested next to nothing: ${passes.length} rules pass`);
    const unsure = incomplete.map(({ id, nodes }) => ({ id, nodes: nodes.filter(node => !isRight(id, node)) }));
    return [...violations, ...unsure].flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary.replaceAll(/\s+/g, ' ')}`));
  } finally {
    await session.detach();
  }
}
