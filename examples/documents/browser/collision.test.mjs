// Two windows on one document: the second save gets 412, and the user a choice.

import assert from 'node:assert/strict';

import { play } from './support/play.mjs';

const BASE = { title: 'Plan', text: 'We meet at nine.\n\nBring the figures.\n\nLunch is at noon.' };
const HERS = BASE.text.replace('nine', 'ten');
const MINE = BASE.text.replace('noon', 'one');
const BOTH = HERS.replace('noon', 'one');

/** Grace and Ada both open the plan and change it. Grace saves first; Ada's save collides. */
async function collide({ server, open }, { hers = HERS, mine = MINE, by } = {}) {
  await server.create('plan', BASE, 'Edsger');
  const grace = await open('#/documents/plan', { name: 'Grace', by });
  const ada = await open('#/documents/plan', { name: 'Ada', by });
  // Two windows of one browser start with the same name.
  if (by) await grace.page.getByLabel('You are').fill('Grace');
  await ada.text.fill(mine);
  await grace.text.fill(hers);
  await grace.save();
  await grace.is('All saved');
  await ada.saveAndCollide();
  return { grace, ada };
}

play('a collision shows both changes side by side, and who made the other one', async story => {
  const { ada } = await collide(story);
  await ada.page.getByRole('dialog', { name: 'Grace saved first' }).waitFor();
  const [theirs, mine] = [ada.page.getByRole('group', { name: 'What Grace changed' }), ada.page.getByRole('group', { name: 'Your change' })];
  assert.deepEqual(await theirs.locator('mark').allTextContents(), ['nine', 'ten']);
  assert.deepEqual(await mine.locator('mark').allTextContents(), ['noon', 'one']);
  assert.deepEqual(await theirs.locator('del').allTextContents(), ['We meet at nine.']);
  assert.deepEqual(await mine.locator('ins').allTextContents(), ['Lunch is at one.']);
  assert.ok((await ada.requests()).includes('PUT /documents/plan | If-Match: "1" | 412 Precondition Failed'));
});

play('the dialog says what was sent, what the server has, and the answer', async story => {
  const { ada } = await collide(story);
  const why = ada.page.locator('#collision-why');
  assert.equal(await why.textContent(), 'You sent If-Match: "1", which means: save only over this version. The server has "2", so it answered 412 Precondition Failed.');
  await ada.button('Decide later').click();
  await ada.button('Read again').click();
  await ada.button('Compare now').click();
  await ada.collision.waitFor();
  assert.equal(await why.textContent(), 'A save sends If-Match: "1", which means: save only over this version. The server has "2", so it would answer 412 Precondition Failed.');
});

play('the dialog explains the tag of a compressed copy', async ({ server, open }) => {
  await server.create('plan', { ...BASE, text: 'We meet at nine.\n'.repeat(100) }, 'Edsger');
  const ada = await open('#/documents/plan', { name: 'Ada' });
  await ada.text.fill(MINE);
  await server.replace('plan', BASE, 'Grace');
  await ada.saveAndCollide();
  assert.equal(await ada.page.locator('#collision-why').textContent(), 'You sent If-Match: "1~br", which means: save only over this version. The server has "2", so it answered 412 Precondition Failed. The ~br only says that the copy came compressed.');
  assert.ok((await ada.requests()).includes('PUT /documents/plan | If-Match: "1~br" | 412 Precondition Failed'));
});

play('someone without a name is called someone, in every place', async ({ server, open }) => {
  await server.create('plan', BASE, null);
  const ada = await open('#/documents/plan');
  assert.equal(await ada.page.getByLabel('You are').getAttribute('placeholder'), 'someone');
  await ada.page.getByRole('link', { name: /^Plan plan · someone, / }).waitFor();
  await ada.page.locator('#facts', { hasText: 'version 1, by someone, ' }).waitFor();
  await ada.page.getByText('Who changed it, and when').click();
  await ada.page.locator('#history tbody tr', { hasText: '1createdsomeone' }).waitFor();
  await ada.text.fill(MINE.replace('nine', 'eight'));
  await server.replace('plan', { ...BASE, text: HERS }, '');
  await ada.saveAndCollide();
  await ada.page.getByRole('dialog', { name: 'Someone saved first' }).waitFor();
  await ada.page.getByRole('group', { name: 'What someone changed' }).waitFor();
  await ada.button(/^Merge/).click();
  await ada.button('Use what someone wrote: conflict 1').waitFor();
  assert.match(await ada.page.getByLabel('Merged text').inputValue(), /^\[Someone wrote:\]$/m);
  assert.doesNotMatch(await ada.page.locator('body').innerText(), /anonymous/);
});

for (const pause of [120, 250, 400]) {
  play(`the second click on Save, after ${pause} ms, chooses nothing in the dialog`, async story => {
    const { ada } = await collide(story);
    const choices = [/^Take theirs/, /^Keep mine/, /^Merge/];
    const middles = await Promise.all(choices.map(async name => {
      const { x, y, width, height } = await ada.button(name).boundingBox();
      return { x: x + width / 2, y: y + height / 2 };
    }));
    for (const { x, y } of middles) {
      await ada.page.keyboard.press('Escape');
      await ada.collision.waitFor({ state: 'hidden' });
      // On some screen, Save is just where the dialog has this choice.
      await ada.button('Save').evaluate((save, [left, top]) => Object.assign(save.style, {
        position: 'fixed', left: `${left - 5}px`, top: `${top - 5}px`,
      }), [x, y]);
      await ada.page.mouse.click(x, y);
      await ada.page.waitForTimeout(pause);
      await ada.page.mouse.click(x, y);
      await ada.collision.waitFor();
      await ada.page.waitForTimeout(100);
      assert.ok(await ada.collision.isVisible());
      assert.ok(await ada.button(/^Take theirs/).isVisible(), 'the choices are still there');
      await ada.has(ada.text, MINE);
    }
    assert.equal((await story.server.read('plan')).etag, '"2"');
  });
}

play('the dialog offers Merge first, and Enter chooses it', async story => {
  const { ada } = await collide(story);
  const names = await ada.page.locator('#resolutions button strong').allTextContents();
  assert.deepEqual(names, ['Merge…', 'Take theirs', 'Keep mine']);
  await ada.page.keyboard.press('Enter');
  await ada.has(ada.page.getByLabel('Merged text'), BOTH);
});

play('taking theirs writes nothing, and the own text can be brought back', async story => {
  const { ada } = await collide(story);
  await ada.button(/^Take theirs/).click();
  await ada.says('This is what Grace saved.');
  await ada.has(ada.text, HERS);
  await ada.is('All saved');
  assert.equal((await story.server.read('plan')).etag, '"2"');

  await ada.button('Bring my text back').click();
  await ada.has(ada.text, MINE);
  await ada.saveAndCollide();
});

play('keeping mine replaces the version that the dialog showed', async story => {
  const { ada } = await collide(story);
  await ada.button(/^Keep mine/).click();
  await ada.says('Saved.');
  assert.ok((await ada.requests()).includes('PUT /documents/plan | If-Match: "2" | 204 No Content'));
  const { etag, text } = await story.server.read('plan');
  assert.deepEqual({ etag, text }, { etag: '"3"', text: MINE });
});

play('keeping mine collides again if someone saved again', async story => {
  const { ada } = await collide(story);
  await story.server.replace('plan', { ...BASE, text: 'Alan was here.' }, 'Alan');
  await ada.button(/^Keep mine/).click();
  await ada.page.getByRole('dialog', { name: 'Alan saved first' }).waitFor();
  assert.equal((await story.server.read('plan')).text, 'Alan was here.');
  await ada.button(/^Keep mine/).click();
  await ada.says('Saved.');
  assert.equal((await story.server.read('plan')).text, MINE);
});

play('a merge saves both changes', async story => {
  const { ada } = await collide(story);
  await ada.button(/^Merge/).click();
  await ada.has(ada.page.getByLabel('Merged text'), BOTH);
  await ada.button('Save the merge').click();
  await ada.says('Saved.');
  await ada.has(ada.text, BOTH);
  const { etag, text } = await story.server.read('plan');
  assert.deepEqual({ etag, text }, { etag: '"3"', text: BOTH });
});

play('a merge with open conflicts is not saved', async story => {
  const { ada } = await collide(story, { mine: MINE.replace('nine', 'eight') });
  await ada.button(/^Merge/).click();
  const merged = ada.page.getByLabel('Merged text');
  const settled = line => BOTH.replace('We meet at ten.', line);
  await ada.has(merged, settled('[Grace wrote:]\nWe meet at ten.\n[Your text:]\nWe meet at eight.\n[End of this choice]'));
  await ada.button('Save the merge').click();
  await ada.page.getByText('Something is left to choose: choose a side, or remove the lines in brackets.').waitFor();
  assert.equal((await story.server.read('plan')).etag, '"2"');

  await ada.button('Use both: conflict 1').click();
  await ada.has(merged, settled('We meet at ten.\nWe meet at eight.'));
  await merged.fill(settled('We meet at half past eight.'));
  await ada.button('Save the merge').click();
  await ada.says('Saved.');
  assert.equal((await story.server.read('plan')).text, settled('We meet at half past eight.'));
});

play('if both changed the title, the merge offers both titles', async story => {
  const { server, open } = story;
  await server.create('plan', BASE, 'Edsger');
  const ada = await open('#/documents/plan', { name: 'Ada' });
  await ada.title.fill('The plan');
  await server.replace('plan', { ...BASE, title: 'A plan' }, 'Grace');
  await ada.saveAndCollide();
  await ada.button(/^Merge/).click();
  await ada.has(ada.page.getByLabel('Merged title'), 'The plan');
  await ada.button('“A plan”').click();
  await ada.page.getByLabel('Merged title').fill('A plan, the plan');
  await ada.button('Save the merge').click();
  await ada.says('Saved.');
  assert.equal((await server.read('plan')).title, 'A plan, the plan');
});

play('a merge that collides is merged again with the newer version', async story => {
  const { ada } = await collide(story);
  await ada.button(/^Merge/).click();
  await ada.has(ada.page.getByLabel('Merged text'), BOTH);
  await story.server.replace('plan', { ...BASE, text: HERS.replace('figures', 'maps') }, 'Alan');
  await ada.button('Save the merge').click();
  await ada.page.getByRole('dialog', { name: 'Alan saved first' }).waitFor();
  await ada.button(/^Merge/).click();
  await ada.has(ada.page.getByLabel('Merged text'), BOTH.replace('figures', 'maps'));
  await ada.button('Save the merge').click();
  await ada.says('Saved.');
  assert.equal((await story.server.read('plan')).text, BOTH.replace('figures', 'maps'));
});

play('deciding later loses nothing, even if the page is reloaded during a merge', async story => {
  const { ada } = await collide(story);
  await ada.button('Decide later').click();
  await ada.says('save again to see both changes');
  await ada.saveAndCollide();
  await ada.button(/^Merge/).click();
  await ada.page.getByLabel('Merged text').fill(`${BOTH}\nMerged with care.`);
  await ada.reload();
  await ada.has(ada.text, MINE);
  await ada.says('Grace changed this document after you began.');
  await ada.button('Compare now').click();
  await ada.button(/^Merge/).click();
  await ada.has(ada.page.getByLabel('Merged text'), `${BOTH}\nMerged with care.`);
});

play('two windows of one browser also collide', async story => {
  const { grace, ada } = await collide(story, { by: await story.person() });
  await ada.button(/^Merge/).click();
  await ada.button('Save the merge').click();
  await ada.says('Saved.');
  await grace.button('Read again').click();
  await grace.has(grace.text, BOTH);
});

play('a save of a deleted document can create it again', async ({ server, open }) => {
  await server.create('plan', BASE);
  const ada = await open('#/documents/plan', { name: 'Ada' });
  await ada.text.fill(MINE);
  await server.delete('plan');
  await ada.save();
  await ada.gone.waitFor();
  await ada.button('Decide later').click();
  await ada.has(ada.text, MINE);
  await ada.save();
  await ada.button(/^Create it again/).click();
  await ada.says('Created again.');
  assert.ok((await ada.requests()).includes('PUT /documents/plan | If-None-Match: * | 201 Created'));
  assert.equal((await server.read('plan')).text, MINE);
});

play('discarding the text leaves a deleted document deleted', async ({ server, open }) => {
  await server.create('plan', BASE);
  const ada = await open('#/documents/plan', { name: 'Ada' });
  await ada.text.fill(MINE);
  await server.delete('plan');
  await ada.save();
  await ada.button(/^Discard your text/).click();
  await ada.says('This document was deleted.');
  assert.equal((await server.read('plan')).status, 404);
});

play('creating a deleted document again collides if someone else did so first', async ({ server, open }) => {
  await server.create('plan', BASE);
  const ada = await open('#/documents/plan', { name: 'Ada' });
  await ada.text.fill(MINE);
  await server.delete('plan');
  await ada.save();
  await ada.gone.waitFor();
  await server.create('plan', { ...BASE, text: HERS }, 'Grace');
  await ada.button(/^Create it again/).click();
  await ada.collision.waitFor();
  assert.match(await ada.page.locator('#collision-why').textContent(), /^You sent If-None-Match: \*, .* The server has "2", so it answered 412/);
  await ada.button(/^Merge/).click();
  await ada.button('Save the merge').click();
  await ada.says('Saved.');
  assert.equal((await server.read('plan')).text, BOTH);
});

play('a save whose answer was lost is recognized when it is repeated', async ({ server, open }) => {
  await server.create('plan', BASE);
  const ada = await open('#/documents/plan', { name: 'Ada' });
  await ada.text.fill(MINE);
  await ada.loseAnswer();
  await ada.save();
  await ada.says('The server cannot be reached.');
  await ada.save();
  await ada.says('Saved.');
  await ada.is('All saved');
  assert.ok((await ada.requests()).includes('PUT /documents/plan | If-Match: "1" | 204 No Content'));
  assert.equal((await server.read('plan')).etag, '"2"');
});

play('a save whose answer was lost is no collision, even if someone saved since', async ({ server, open }) => {
  await server.create('plan', BASE);
  const ada = await open('#/documents/plan', { name: 'Ada' });
  await ada.text.fill(MINE);
  await ada.loseAnswer();
  await ada.save();
  await ada.says('The server cannot be reached.');
  await server.replace('plan', { ...BASE, text: BOTH }, 'Grace');
  await ada.save();
  await ada.says('Saved. Someone changed it since then');
  await ada.has(ada.text, BOTH);
  await ada.is('All saved');
  assert.equal((await server.read('plan')).etag, '"3"');
});

play('a lost answer is no collision after a reload', async ({ server, open }) => {
  await server.create('plan', BASE);
  const ada = await open('#/documents/plan', { name: 'Ada' });
  await ada.text.fill(MINE);
  await ada.loseAnswer();
  await ada.save();
  await ada.says('The server cannot be reached.');
  await server.replace('plan', { ...BASE, text: BOTH }, 'Grace');
  await ada.reload();
  await ada.save();
  await ada.says('Saved. Someone changed it since then');
  assert.equal((await server.read('plan')).etag, '"3"');
});

play('text typed on after a lost answer does not collide with itself', async ({ server, open }) => {
  await server.create('plan', BASE);
  const ada = await open('#/documents/plan', { name: 'Ada' });
  await ada.text.fill(MINE);
  await ada.loseAnswer();
  await ada.save();
  await ada.says('The server cannot be reached.');
  await ada.text.fill(`${MINE} Bring a coat.`);
  await ada.save();
  await ada.says('Saved.');
  await ada.is('All saved');
  const { etag, text } = await server.read('plan');
  assert.deepEqual({ etag, text }, { etag: '"3"', text: `${MINE} Bring a coat.` });
});

play('text typed on after a lost answer collides with what someone saved since', async ({ server, open }) => {
  await server.create('plan', BASE);
  const ada = await open('#/documents/plan', { name: 'Ada' });
  await ada.text.fill(MINE);
  await ada.loseAnswer();
  await ada.save();
  await ada.says('The server cannot be reached.');
  await server.replace('plan', { ...BASE, text: BOTH }, 'Grace');
  await ada.text.fill(`${MINE} Bring a coat.`);
  await ada.saveAndCollide();
  assert.equal((await server.read('plan')).text, BOTH);
  await ada.button(/^Merge/).click();
  await ada.has(ada.page.getByLabel('Merged text'), `${BOTH} Bring a coat.`);
});

play('a save that never arrived is made by its repetition', async ({ server, open }) => {
  await server.create('plan', BASE);
  const ada = await open('#/documents/plan', { name: 'Ada' });
  await ada.text.fill(MINE);
  await ada.page.route('**/documents/plan', route => route.abort(), { times: 1 });
  await ada.save();
  await ada.says('The server cannot be reached.');
  await ada.save();
  await ada.says('Saved.');
  assert.deepEqual((await server.read('plan')).text, MINE);
});

play('a creation and a deletion whose answers were lost are no collisions', async ({ server, open }) => {
  const ada = await open('#/new', { name: 'Ada' });
  await ada.page.getByLabel('Id', { exact: true }).fill('plan');
  await ada.text.fill(MINE);
  await ada.loseAnswer();
  await ada.button('Create').click();
  await ada.says('The server cannot be reached.');
  await ada.button('Create').click();
  await ada.says('Created.');
  assert.equal((await server.read('plan')).etag, '"1"');

  const remove = async () => {
    await ada.button('Delete…').click();
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  };
  await ada.loseAnswer();
  await remove();
  await ada.says('The server cannot be reached.');
  await server.create('plan', BASE, 'Grace');
  await remove();
  await ada.page.getByRole('heading', { name: 'Two people, one document' }).waitFor();
  assert.equal((await server.read('plan')).text, BASE.text, 'what Grace created is not deleted');
});

play('a changed document is not deleted', async ({ server, open }) => {
  await server.create('plan', BASE);
  const ada = await open('#/documents/plan', { name: 'Ada' });
  await server.replace('plan', { ...BASE, text: HERS }, 'Grace');
  await ada.button('Delete…').click();
  await ada.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await ada.says('Not deleted: Grace changed it');
  await ada.has(ada.text, HERS);

  await ada.button('Delete…').click();
  await ada.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await ada.page.getByRole('heading', { name: 'Two people, one document' }).waitFor();
  assert.equal((await server.read('plan')).status, 404);
});
