// Accessibility: the keyboard, names of controls, contrast in light and dark, and narrow screens.

import assert from 'node:assert/strict';

import { play } from './support/play.mjs';
import { PLAN, forEachView } from './support/views.mjs';

const CONTROLS = new Set(['button', 'checkbox', 'combobox', 'dialog', 'link', 'listbox', 'option', 'region', 'textbox']);

/** Presses Tab until this element has the focus. */
async function tabTo({ page }, locator) {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    if (await locator.evaluate(element => element === document.activeElement)) return;
  }
  assert.fail(`Tab does not reach ${locator}`);
}

play('the keyboard alone resolves a collision', async ({ server, open }) => {
  await server.create('plan', PLAN, 'Edsger');
  const ada = await open('#/');
  const { keyboard } = ada.page;
  await tabTo(ada, ada.page.getByLabel('You are'));
  await keyboard.type('Ada');
  const link = ada.page.getByRole('link', { name: /^Plan/ });
  await link.waitFor();
  await tabTo(ada, link);
  await keyboard.press('Enter');
  await ada.isLoaded();
  assert.equal(await ada.page.evaluate(() => document.activeElement.textContent), 'Plan');
  await tabTo(ada, ada.text);
  await keyboard.press('Control+End');
  await keyboard.type(' Mine.');
  await server.replace('plan', { ...PLAN, text: PLAN.text.replace('nine', 'ten') }, 'Grace');
  await keyboard.press('Control+s');
  await ada.collision.waitFor();
  assert.match(await ada.page.evaluate(() => document.activeElement.textContent), /^Merge/);

  await keyboard.press('Escape');
  await ada.collision.waitFor({ state: 'hidden' });
  assert.equal(await ada.page.evaluate(() => document.activeElement.id), 'text');
  await tabTo(ada, ada.button('Save'));
  await keyboard.press('Enter');
  await ada.collision.waitFor();
  // Merge has the focus.
  await keyboard.press('Enter');
  assert.equal(await ada.page.evaluate(() => document.activeElement.textContent), 'Both changes, merged');
  await tabTo(ada, ada.button('Save the merge'));
  await keyboard.press('Enter');
  await ada.says('Saved.');
  assert.equal((await server.read('plan')).text, 'We meet at ten.\n\nLunch is at noon. Mine.');
});

play('the keyboard alone shows a collision, and plays it again', async story => {
  const ada = await story.open('#/');
  const { keyboard } = ada.page;
  await tabTo(ada, ada.page.getByRole('link', { name: 'Show me a collision' }));
  await keyboard.press('Enter');
  await ada.page.getByText('Nobody lost a word.').waitFor();
  assert.equal(await ada.page.evaluate(() => document.activeElement.id), 'story-heading');
  await tabTo(ada, ada.button('Play it again'));
  await keyboard.press('Enter');
  await ada.page.getByText('Playing…').waitFor({ state: 'detached' });
  await ada.page.getByText('Nobody lost a word.').waitFor();
});

play('the keyboard alone builds and sends a request', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/try');
  const { keyboard } = ada.page;
  await tabTo(ada, ada.button('Malformed tag'));
  await keyboard.press('Enter');
  await ada.page.getByText('Filled in: malformed tag.').waitFor();
  await tabTo(ada, ada.button('Remove this header').last());
  await keyboard.press('Enter');
  assert.equal(await ada.page.evaluate(() => document.activeElement.id), 'add-header');
  await tabTo(ada, ada.button('Send'));
  await keyboard.press('Enter');
  await ada.page.locator('#outcome pre').first().waitFor();
  assert.equal(await ada.page.evaluate(() => document.activeElement.id), 'outcome-heading');
});

play('every control has a name', async story => {
  await forEachView(story, {}, async ({ page }, view) => {
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const controls = nodes.filter(node => !node.ignored && CONTROLS.has(node.role?.value));
    const nameless = controls.filter(node => !node.name?.value.trim()).map(node => node.role.value);
    assert.ok(controls.length > 2, view);
    assert.deepEqual(nameless, [], view);
  });
});

/** Returns the visible texts whose contrast is below that of WCAG 2.2, level AA. */
function faintTexts() {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const channels = (...colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = ([red, green, blue]) => [red, green, blue]
    .map(channel => channel / 255)
    .map(channel => channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4)
    .reduce((sum, channel, index) => sum + channel * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = element => {
    const backgrounds = [];
    for (let at = element; at; at = at.parentElement) backgrounds.unshift(getComputedStyle(at).backgroundColor);
    return backgrounds;
  };
  const top = document.querySelector('dialog[open]') ?? document.body;
  const faint = [];
  for (const element of top.querySelectorAll('*')) {
    const hasText = element.matches('input, textarea') || [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!hasText || !element.checkVisibility() || element.closest('[aria-disabled="true"]')) continue;
    const backgrounds = behind(element);
    const ink = getComputedStyle(element, element.placeholder && !element.value ? '::placeholder' : null).color;
    const [one, other] = [luminance(channels(...backgrounds, ink)), luminance(channels(...backgrounds))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) faint.push(`${element.tagName} “${(element.textContent || element.value || element.placeholder).slice(0, 30)}” ${contrast.toFixed(2)}`);
  }
  return faint;
}

for (const colorScheme of ['light', 'dark']) {
  play(`every text has the contrast of WCAG AA, ${colorScheme}`, async story => {
    await forEachView(story, { colorScheme }, async ({ page }, view) => {
      assert.deepEqual(await page.evaluate(faintTexts), [], view);
    });
  });
}

for (const width of [360, 375]) {
  play(`nothing is wider than a screen of ${width} pixels`, async story => {
    await forEachView(story, { viewport: { width, height: 640 } }, async ({ page }, view) => {
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, view);
      const dialog = page.locator('dialog[open]');
      if (await dialog.count() > 0) {
        assert.ok(await dialog.evaluate(element => element.scrollWidth <= element.clientWidth), view);
      }
    });
  });
}
