// Creating a document, also when its id is taken.

import assert from 'node:assert/strict';

import { play } from './support/play.mjs';

async function fillIn(window, { id, title, text }) {
  await window.page.getByLabel('Id', { exact: true }).fill(id);
  await window.title.fill(title);
  await window.text.fill(text);
}

play('a document is created under a free id', async ({ server, open }) => {
  const ada = await open('#/new', { name: 'Zoë Ångström, 100 %' });
  await fillIn(ada, { id: 'the plan', title: 'Plan', text: 'We meet at nine.' });
  await ada.button('Create').click();
  await ada.isLoaded();
  assert.equal(new URL(ada.page.url()).hash, '#/documents/the%20plan');
  await ada.says('Created.');
  assert.ok((await ada.requests()).includes('PUT /documents/the%20plan | If-None-Match: * | 201 Created'));
  assert.deepEqual(await server.read('the%20plan'), { status: 200, etag: '"1"', title: 'Plan', text: 'We meet at nine.' });
  await ada.page.getByRole('link', { name: /^Plan the plan · Zoë Ångström, 100 %,/ }).waitFor();
});

play('if two create the same document, the second is told so and keeps the text', async ({ server, open }) => {
  const grace = await open('#/new', { name: 'Grace' });
  const ada = await open('#/new', { name: 'Ada' });
  await fillIn(grace, { id: 'plan', title: 'Plan', text: 'hers' });
  await fillIn(ada, { id: 'plan', title: 'My plan', text: 'mine' });
  await grace.button('Create').click();
  await grace.says('Created.');
  await ada.button('Create').click();
  await ada.page.getByText('A document “plan” exists already; Grace changed it').waitFor();
  assert.equal((await server.read('plan')).text, 'hers');

  await ada.page.getByRole('link', { name: 'open that one' }).click();
  await ada.has(ada.text, 'hers');
  await ada.page.goBack();
  await ada.has(ada.text, 'mine');
  await ada.page.getByLabel('Id', { exact: true }).fill('my-plan');
  await ada.button('Create').click();
  await ada.says('Created.');
  assert.equal((await server.read('my-plan')).text, 'mine');
});

play('a reload keeps the id, title and text of a new document', async ({ open }) => {
  const ada = await open('#/new');
  await fillIn(ada, { id: 'plan', title: 'Plan', text: 'We meet at nine.' });
  await ada.page.reload();
  await ada.says('Restored your unsaved text');
  await ada.has(ada.page.getByLabel('Id', { exact: true }), 'plan');
  await ada.has(ada.text, 'We meet at nine.');
});

play('the ids “.” and “..”, and neither an id nor a title, are refused without a request', async ({ open }) => {
  const ada = await open('#/new');
  await fillIn(ada, { id: '..', title: 'Plan', text: '' });
  await ada.button('Create').click();
  await ada.page.getByText('An id cannot be “.” or “..”.').waitFor();
  await ada.page.getByLabel('Id', { exact: true }).fill('');
  await ada.title.fill(' !');
  await ada.button('Create').click();
  await ada.page.getByText('Enter a title or an id.').waitFor();
  assert.deepEqual(await ada.requests(), []);
});

play('without an id, a document gets one that says the same as its title', async ({ server, open }) => {
  const ada = await open('#/new');
  await ada.title.fill(' Über den Plan: Montag, 9 Uhr!');
  await ada.page.getByText('Address: /documents/%C3%BCber-den-plan-montag-9-uhr').waitFor();
  await ada.button('Create').click();
  await ada.says('Created.');
  assert.equal((await server.read(encodeURIComponent('über-den-plan-montag-9-uhr'))).etag, '"1"');
});

play('the heading, the tab and the list show the title of a document, and its id beside it', async ({ server, open }) => {
  await server.create('plan', { title: 'Plan for Monday', text: '' }, 'Edsger');
  await server.create('untitled', { title: '', text: '' }, 'Edsger');
  const ada = await open('#/documents/plan');
  const shown = async () => [await ada.page.locator('#editor-heading').textContent(), await ada.page.title()];
  assert.deepEqual(await shown(), ['Plan for Monday', 'Plan for Monday – documents']);
  await ada.page.locator('#facts', { hasText: /^\/documents\/plan · version 1, by Edsger,/ }).waitFor();
  await ada.page.getByRole('link', { name: /^Plan for Monday plan · Edsger,/ }).waitFor();
  await ada.title.fill('Plan for Tuesday');
  assert.deepEqual(await shown(), ['Plan for Tuesday', '• Plan for Tuesday – documents']);
  await ada.page.getByRole('link', { name: /^untitled Edsger,/ }).click();
  await ada.page.waitForFunction(() => document.title === 'untitled – documents');
  assert.deepEqual(await shown(), ['untitled', 'untitled – documents']);
});

play('a link to a document that does not exist offers to create it', async ({ open }) => {
  const ada = await open('#/');
  await ada.page.goto(`${ada.server.url}/#/documents/plan`);
  await ada.says('There is no document “plan”.');
  await ada.button('Create it').click();
  await ada.has(ada.page.getByLabel('Id', { exact: true }), 'plan');
});
