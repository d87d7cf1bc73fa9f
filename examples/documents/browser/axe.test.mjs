// axe-core finds no violation in any view: wide and narrow, light and dark.

import assert from 'node:assert/strict';

import { violationsOn } from './support/axe.mjs';
import { play } from './support/play.mjs';
import { forEachView } from './support/views.mjs';

const SCREENS = { 'a wide screen': { width: 1280, height: 800 }, 'a screen of 375 pixels': { width: 375, height: 667 } };

async function hasNoViolation(page, view) {
  assert.deepEqual(await violationsOn(page), [], view);
}

for (const [screen, viewport] of Object.entries(SCREENS)) {
  for (const colorScheme of ['light', 'dark']) {
    play(`axe finds no violation in any view, ${colorScheme}, on ${screen}`, async story => {
      await forEachView(story, { colorScheme, viewport }, ({ page }, view) => hasNoViolation(page, view));
    });

    play(`axe finds no violation at any step of the story, ${colorScheme}, on ${screen}`, async ({ open, person }) => {
      const visitor = await open('#/', { by: await person({ colorScheme, viewport }) });
      const seen = new Map();
      // Each request of the story waits until axe has seen the steps so far.
      await visitor.page.route('**/documents/picnic-*', async route => {
        const steps = await visitor.page.locator('#story-steps > li').count();
        if (!seen.has(steps)) seen.set(steps, await violationsOn(visitor.page));
        await route.continue();
      });
      await visitor.page.getByRole('link', { name: 'Show me a collision' }).click();
      await visitor.page.getByText('Nobody lost a word.').waitFor();
      await hasNoViolation(visitor.page, 'at the end');
      // The first two steps come together: no request is between them.
      assert.deepEqual([...seen], [0, 2, 3, 4, 5].map(steps => [steps, []]));
    });
  }
}

play('axe finds what is wrong', async ({ open }) => {
  const { page } = await open('#/');
  await page.getByText('No documents yet.').waitFor();
  await hasNoViolation(page, 'before');
  await page.evaluate(() => {
    document.querySelector('label[for="name"]').remove();
    document.getElementById('name').removeAttribute('placeholder');
    document.documentElement.removeAttribute('lang');
    document.querySelector('#welcome p').style.color = '#bbb';
    document.querySelector('#wire h2').replaceWith(Object.assign(document.createElement('h5'), { id: 'wire-heading', textContent: 'Over the wire' }));
  });
  const rules = new Set((await violationsOn(page)).map(violation => violation.split(':')[0]));
  assert.deepEqual([...rules].sort(), ['color-contrast', 'heading-order', 'html-has-lang', 'label']);
});
