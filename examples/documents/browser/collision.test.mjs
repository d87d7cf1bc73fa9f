// Two windows on one document: the second save gets its 412, and a choice.

import assert from 'node:assert/strict';

import { play } from './support/play.mjs';

const BASE = { title: 'Plan', text: 'We meet at nine.\n\nBring the figures.\n\nLunch is at noon.' };
const HERS = BASE.text.replace('nine', 'ten');
const MINE = BASE.text.replace('noon', 'one');
const BOTH = HERS.replace('noon', 'one');

/** Grace and Ada have opened the plan, and both have changed it; Grace has saved. */
async function collide({ server, open }, { hers = HERS, mine = MINE, by } = {}) {
  await server.create('plan', BASE, 'Edsger');
  const grace = await open('#/documents/plan', { name: 'Grace', by });
  const ada = await open('#/documents/plan', { name: 'Ada', by });
  // Two windows of one browser share the name.
  if (by) await grace.page.getByLabel('You are').fill('Grace');
  await ada.text.fill(mine);
  await grace.text.fill(hers);
  await grace.save();
  await grace.is('All saved');
  await ada.saveAndCollide();
  return { grace, ada };
}

play('both changes are shown beside each other, and who made the other one', async story => {
  const { ada } = await collide(story);
  await ada.page.getByRole('dialog', { name: 'Grace saved first' }).waitFor();
  const [theirs, mine] = [ada.page.getByRole('group', { name: 'What Grace changed' }), ada.page.getByRole('group', { name: 'Your change' })];
  assert.deepEqual(await theirs.locator('mark').allTextContents(), ['nine', 'ten']);
  assert.deepEqual(await mine.locator('mark').allTextContents(), ['noon', 'one']);
  assert.deepEqual(await theirs.locator('del').allTextContents(), ['We meet at nine.']);
  assert.deepEqual(await mine.locator('ins').allTextContents(), ['Lunch is at one.']);
  assert.ok((await ada.requests()).includes('PUT /documents/plan | If-Match: "1~br" | 412 Precondition Failed'));
});

play('taking theirs leaves the document as it is, and one\'s own text can be brought back', async story => {
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

play('keeping mine replaces the version that was shown', async story => {
  const { ada } = await collide(story);
  await ada.button(/^Keep mine/).click();
  await ada.says('Saved.');
  assert.ok((await ada.requests()).includes('PUT /documents/plan | If-Match: "2~br" | 204 No Content'));
  const { etag, text } = await story.server.read('plan');
  assert.deepEqual({ etag, text }, { etag: '"3"', text: MINE });
});

play('keeping mine is refused once more where the document was changed once more', async story => {
  const { ada } = await collide(story);
  await story.server.replace('plan', { ...BASE, text: 'Alan was here.' }, 'Alan');
  await ada.button(/^Keep mine/).click();
  await ada.page.getByRole('dialog', { name: 'Alan saved first' }).waitFor();
  assert.equal((await story.server.read('plan')).text, 'Alan was here.');
  await ada.button(/^Keep mine/).click();
  await ada.says('Saved.');
  assert.equal((await story.server.read('plan')).text, MINE);
});

play('a merge has both changes', async story => {
  const { ada } = await collide(story);
  await ada.button(/^Merge/).click();
  await ada.has(ada.page.getByLabel('Merged text'), BOTH);
  await ada.button('Save the merge').click();
  await ada.says('Saved.');
  await ada.has(ada.text, BOTH);
  const { etag, text } = await story.server.read('plan');
  assert.deepEqual({ etag, text }, { etag: '"3"', text: BOTH });
});

play('a conflict is marked, and is not saved before it is settled', async story => {
  const { ada } = await collide(story, { mine: MINE.replace('nine', 'eight') });
  await ada.button(/^Merge/).click();
  const merged = ada.page.getByLabel('Merged text');
  const settled = line => BOTH.replace('We meet at ten.', line);
  await ada.has(merged, settled('<<<<<<< Grace\nWe meet at ten.\n=======\nWe meet at eight.\n>>>>>>> you'));
  await ada.button('Save the merge').click();
  await ada.page.getByText('Markers of a conflict are still in the text.').waitFor();
  assert.equal((await story.server.read('plan')).etag, '"2"');

  await ada.button('Both: conflict 1').click();
  await ada.has(merged, settled('We meet at ten.\nWe meet at eight.'));
  await merged.fill(settled('We meet at half past eight.'));
  await ada.button('Save the merge').click();
  await ada.says('Saved.');
  assert.equal((await story.server.read('plan')).text, settled('We meet at half past eight.'));
});

play('a title that both changed is a conflict, too', async story => {
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

play('a merge that collides is merged with what came between', async story => {
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

play('deciding later loses nothing, not even over a reload in the middle of a merge', async story => {
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

play('two windows of one browser collide as well', async story => {
  const { grace, ada } = await collide(story, { by: await story.person() });
  await ada.button(/^Merge/).click();
  await ada.button('Save the merge').click();
  await ada.says('Saved.');
  await grace.button('Read again').click();
  await grace.has(grace.text, BOTH);
});

play('a document that was deleted meanwhile is created anew', async ({ server, open }) => {
  await server.create('plan', BASE);
  const ada = await open('#/documents/plan', { name: 'Ada' });
  await ada.text.fill(MINE);
  await server.delete('plan');
  await ada.save();
  await ada.gone.waitFor();
  await ada.button('Decide later').click();
  await ada.has(ada.text, MINE);
  await ada.save();
  await ada.button(/^Create it anew/).click();
  await ada.says('Created anew.');
  assert.ok((await ada.requests()).includes('PUT /documents/plan | If-None-Match: * | 201 Created'));
  assert.equal((await server.read('plan')).text, MINE);
});

play('a document that was deleted meanwhile stays deleted where one\'s own text is dropped', async ({ server, open }) => {
  await server.create('plan', BASE);
  const ada = await open('#/documents/plan', { name: 'Ada' });
  await ada.text.fill(MINE);
  await server.delete('plan');
  await ada.save();
  await ada.button(/^Drop your text/).click();
  await ada.says('This document was deleted.');
  assert.equal((await server.read('plan')).status, 404);
});

play('one that was deleted and created anew by others collides', async ({ server, open }) => {
  await server.create('plan', BASE);
  const ada = await open('#/documents/plan', { name: 'Ada' });
  await ada.text.fill(MINE);
  await server.delete('plan');
  await ada.save();
  await ada.gone.waitFor();
  await server.create('plan', { ...BASE, text: HERS }, 'Grace');
  await ada.button(/^Create it anew/).click();
  await ada.collision.waitFor();
  await ada.button(/^Merge/).click();
  await ada.button('Save the merge').click();
  await ada.says('Saved.');
  assert.equal((await server.read('plan')).text, BOTH);
});

play('a save whose answer was lost is known again', async ({ server, open }) => {
  await server.create('plan', BASE);
  const ada = await open('#/documents/plan', { name: 'Ada' });
  await ada.text.fill(MINE);
  await ada.page.route('**/documents/plan', async route => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await ada.save();
  await ada.says('The server cannot be reached.');
  await ada.save();
  await ada.says('the server has it just so');
  await ada.is('All saved');
  assert.equal((await server.read('plan')).etag, '"2"');
});

play('a deletion is refused where the document was changed', async ({ server, open }) => {
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
