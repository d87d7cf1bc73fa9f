// By keyboard alone, with names for everything, readable in light and dark, and on a narrow screen.

import assert from 'node:assert/strict';

import { play } from './support/play.mjs';

const PLAN = { title: 'Plan', text: 'We meet at nine.\n\nLunch is at noon.' };
const CONTROLS = new Set(['button', 'checkbox', 'combobox', 'dialog', 'link', 'listbox', 'option', 'region', 'textbox']);

/** Goes on with the tabulator until this has the focus. */
async function tabTo({ page }, locator) {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    if (await locator.evaluate(element => element === document.activeElement)) return;
  }
  assert.fail(`the tabulator does not lead to ${locator}`);
}

play('a collision is resolved by keyboard alone', async ({ server, open }) => {
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
  assert.equal(await ada.page.evaluate(() => document.activeElement.textContent), 'plan');
  await tabTo(ada, ada.text);
  await keyboard.press('Control+End');
  await keyboard.type(' Mine.');
  await server.replace('plan', { ...PLAN, text: PLAN.text.replace('nine', 'ten') }, 'Grace');
  await keyboard.press('Control+s');
  await ada.collision.waitFor();
  assert.equal(await ada.page.evaluate(() => document.activeElement.textContent), 'Grace saved first');

  await keyboard.press('Escape');
  await ada.collision.waitFor({ state: 'hidden' });
  assert.equal(await ada.page.evaluate(() => document.activeElement.id), 'text');
  await tabTo(ada, ada.button('Save'));
  await keyboard.press('Enter');
  await ada.collision.waitFor();
  await tabTo(ada, ada.button(/^Merge/));
  await keyboard.press('Enter');
  assert.equal(await ada.page.evaluate(() => document.activeElement.textContent), 'Both changes, merged');
  await tabTo(ada, ada.button('Save the merge'));
  await keyboard.press('Enter');
  await ada.says('Saved.');
  assert.equal((await server.read('plan')).text, 'We meet at ten.\n\nLunch is at noon. Mine.');
});

play('a request is built by keyboard alone', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/try');
  const { keyboard } = ada.page;
  await tabTo(ada, ada.button('Malformed tag'));
  await keyboard.press('Enter');
  await ada.page.getByText('Filled in: malformed tag.').waitFor();
  await tabTo(ada, ada.button('Remove this field').last());
  await keyboard.press('Enter');
  assert.equal(await ada.page.evaluate(() => document.activeElement.id), 'add-field');
  await tabTo(ada, ada.button('Send'));
  await keyboard.press('Enter');
  await ada.page.locator('#outcome pre').first().waitFor();
  assert.equal(await ada.page.evaluate(() => document.activeElement.id), 'outcome-heading');
});

/** Every view of the page, one after the other. */
async function forEachView({ server, open, person }, options, look) {
  await server.create('plan', PLAN, 'Edsger');
  await server.create('a-document-with-a-very-long-name-that-has-no-space-in-it-anywhere', PLAN, 'Edsger');
  const by = await person(options);
  const ada = await open('#/', { by, name: 'Ada' });
  await ada.page.getByRole('link', { name: /^Plan/ }).first().waitFor({ state: 'attached' });
  await look(ada, 'the list');
  await ada.page.goto(`${server.url}/#/new`);
  await ada.page.getByLabel('Id', { exact: true }).fill('plan');
  await ada.button('Create').click();
  await ada.page.getByText('exists already').waitFor();
  await look(ada, 'a new document');
  await ada.page.goto(`${server.url}/#/documents/plan`);
  await ada.isLoaded();
  await ada.page.getByText('Who changed it, and when').click();
  await ada.page.locator('#history tbody tr').first().waitFor();
  await ada.text.fill('We meet at eight.\n\nLunch is at noon, and then we walk.');
  await look(ada, 'the editor');
  await server.replace('plan', { title: 'Our plan', text: PLAN.text.replace('nine', 'ten') }, 'Grace');
  await ada.saveAndCollide();
  await look(ada, 'the collision');
  await ada.button(/^Merge/).click();
  await look(ada, 'the merge');
  await ada.page.keyboard.press('Escape');
  await ada.button('Delete…').click();
  await look(ada, 'the deletion');
  await ada.button('Cancel').click();
  await server.delete('plan');
  await ada.save();
  await ada.gone.waitFor();
  await look(ada, 'what is gone');
  await ada.page.keyboard.press('Escape');
  await ada.page.goto(`${server.url}/#/try`);
  await ada.page.getByText('Filled in').waitFor();
  await ada.button('Send').click();
  await ada.page.locator('#outcome pre').first().waitFor();
  await look(ada, 'the request builder');
}

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

/** The texts that are shown with less contrast than WCAG 2.2 asks for at level AA. */
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
    const [one, other] = [luminance(channels(...backgrounds, getComputedStyle(element).color)), luminance(channels(...backgrounds))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) faint.push(`${element.tagName} “${(element.textContent || element.value).slice(0, 30)}” ${contrast.toFixed(2)}`);
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

play('nothing is wider than a screen of 360 pixels', async story => {
  await forEachView(story, { viewport: { width: 360, height: 640 } }, async ({ page }, view) => {
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360, view);
    const dialogue = page.locator('dialog[open]');
    if (await dialogue.count() > 0) {
      assert.ok(await dialogue.evaluate(element => element.scrollWidth <= element.clientWidth), view);
    }
  });
});
