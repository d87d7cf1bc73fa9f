// A failed save, a lost connection, a reload or a closed window loses no text.

import assert from 'node:assert/strict';

import { play } from './support/play.mjs';

const PLAN = { title: 'Plan', text: 'We meet at nine.' };
const MINE = 'We meet at ten.';

play('a reload keeps unsaved text', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/documents/plan');
  await ada.text.fill(MINE);
  await ada.is('Not saved; kept in this browser');
  await ada.reload();
  await ada.says('Restored your unsaved text');
  await ada.has(ada.text, MINE);
  await ada.save();
  await ada.says('Saved.');
  await ada.reload();
  assert.equal(await ada.notice.textContent(), '');
});

play('a draft remembers the version that it is based on', async ({ server, open }) => {
  await server.create('plan', PLAN, 'Edsger');
  const ada = await open('#/documents/plan');
  await ada.text.fill(MINE);
  await server.replace('plan', { ...PLAN, text: 'We meet at eight.' }, 'Grace');
  await ada.reload();
  await ada.says('Grace changed this document after you began.');
  await ada.saveAndCollide();
});

play('a killed server loses no text, even if the page is reloaded meanwhile', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/documents/plan');
  await ada.text.fill(MINE);
  await server.kill();
  await ada.save();
  await ada.says('The server cannot be reached. Your text is kept here');
  await assert.rejects(ada.page.reload(), /ERR_CONNECTION_REFUSED/);
  await ada.page.waitForURL(/^chrome-error:/);
  await server.restart();
  await ada.page.goto(`${server.url}/#/documents/plan`);
  await ada.isLoaded();
  await ada.has(ada.text, MINE);
  await ada.save();
  await ada.says('Saved.');
  assert.equal((await server.read('plan')).text, MINE);
});

play('text typed while offline is saved later', async ({ server, person, open }) => {
  await server.create('plan', PLAN);
  const by = await person();
  const ada = await open('#/documents/plan', { by });
  await by.setOffline(true);
  await ada.text.fill(MINE);
  await ada.save();
  await ada.says('The server cannot be reached.');
  await ada.text.fill(`${MINE} Bring a coat.`);
  await by.setOffline(false);
  await ada.save();
  await ada.says('Saved.');
  assert.equal((await server.read('plan')).text, `${MINE} Bring a coat.`);
});

play('text typed during a save stays, based on the new version', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/documents/plan');
  let release;
  const held = new Promise(done => { release = done; });
  await ada.page.route('**/documents/plan', async route => {
    await held;
    await route.continue();
  }, { times: 1 });
  await ada.text.fill(MINE);
  await ada.save();
  await ada.is('Saving…');
  await ada.text.fill(`${MINE} Bring a coat.`);
  release();
  await ada.says('Saved.');
  await ada.is('Not saved; kept in this browser');
  await ada.save();
  await ada.is('All saved');
  assert.ok((await ada.requests()).includes('PUT /documents/plan | If-Match: "2" | 204 No Content'));
});

play('two windows of one browser have separate drafts', async ({ server, person, open }) => {
  await server.create('plan', PLAN);
  const by = await person();
  const [one, other] = [await open('#/documents/plan', { by }), await open('#/documents/plan', { by })];
  await one.text.fill('one');
  await other.text.fill('other');
  await one.reload();
  await other.reload();
  await one.has(one.text, 'one');
  await other.has(other.text, 'other');
  assert.equal(await one.page.locator('#left-behind li').count(), 0);
});

play('a duplicated window has its own drafts', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/documents/plan');
  await ada.text.fill('one');
  // A window with an opener starts with a copy of its session storage, as a duplicate does.
  const [copy] = await Promise.all([ada.page.waitForEvent('popup'), ada.page.evaluate(() => { window.open(location.href); })]);
  await copy.locator('#state', { hasText: 'All saved' }).waitFor();
  await copy.getByLabel('Text', { exact: true }).fill('other');
  await ada.reload();
  await ada.has(ada.text, 'one');
  await copy.reload();
  await copy.locator('#state', { hasText: 'Not saved' }).waitFor();
  assert.equal(await copy.getByLabel('Text', { exact: true }).inputValue(), 'other');
});

play('the next window offers the draft of a closed one', async ({ server, person, open }) => {
  await server.create('plan', PLAN);
  const by = await person();
  const closed = await open('#/documents/plan', { by });
  await closed.text.fill(MINE);
  await closed.page.close();

  const ada = await open('#/documents/plan', { by });
  const offer = ada.page.getByRole('list', { name: 'Unsaved text from closed windows' });
  await offer.getByText(MINE).waitFor();
  await ada.page.getByRole('link', { name: /unsaved text/ }).waitFor();
  // The unsaved text of this window takes its place in the list.
  await ada.text.fill('Something else.');
  await ada.button('Bring it back').click();
  await ada.has(ada.text, MINE);
  await offer.getByText('Something else.').waitFor();
  await ada.button('Throw it away').click();
  await offer.waitFor({ state: 'hidden' });
  await ada.reload();
  await ada.has(ada.text, MINE);
});

play('discarded text can be brought back', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/documents/plan');
  await ada.text.fill(MINE);
  await ada.button('Discard').click();
  await ada.has(ada.text, PLAN.text);
  await ada.button('Undo').click();
  await ada.has(ada.text, MINE);
  await ada.is('Not saved');
});

play('if the browser cannot keep a draft, the page says so and warns before it closes', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/documents/plan');
  await ada.page.evaluate(() => {
    for (let size = 1 << 22; size > 0; size >>= 1) {
      try {
        localStorage.setItem('fill', (localStorage.getItem('fill') ?? '') + 'x'.repeat(size));
      } catch {}
    }
  });
  await ada.text.fill(MINE.repeat(100));
  await ada.page.getByText('This browser cannot keep a draft: its storage is full.').waitFor();
  const warning = ada.page.waitForEvent('dialog');
  const closing = ada.page.close({ runBeforeUnload: true });
  const dialog = await warning;
  assert.equal(dialog.type(), 'beforeunload');
  await dialog.dismiss();
  await closing;
  await ada.save();
  await ada.says('Saved.');
  await ada.page.getByText('This browser cannot keep a draft').waitFor({ state: 'detached' });
});

play('a refused save shows the reason and loses no text', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/documents/plan');
  await ada.page.route('**/documents/plan', route => route.fulfill({
    status: 503,
    contentType: 'application/problem+json',
    body: JSON.stringify({ detail: 'the store is away' }),
  }), { times: 1 });
  await ada.text.fill(MINE);
  await ada.save();
  await ada.says('Not saved. 503: the store is away');
  await ada.save();
  await ada.says('Saved.');
});

play('after an answer without an entity tag, the page reads the document', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/documents/plan');
  await ada.page.route('**/documents/plan', async route => {
    const response = await route.fetch();
    const { etag, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  }, { times: 1 });
  await ada.text.fill(MINE);
  await ada.save();
  await ada.says('Saved.');
  assert.equal(await ada.lastRequest(), 'GET /documents/plan | 200 OK');
  await ada.text.fill(`${MINE} Bring a coat.`);
  await ada.save();
  await ada.page.locator('#wire-rows', { hasText: 'If-Match: "2"' }).waitFor();
  await ada.is('All saved');
});

play('values in the storage that are no drafts are ignored', async ({ server, person, open }) => {
  await server.create('plan', PLAN);
  const by = await person();
  await by.addInitScript(() => {
    sessionStorage.setItem('window', 'this');
    localStorage.setItem('draft/this/document/plan', '{"mine":{"title":"","text":""}}');
    localStorage.setItem('draft/that/document/plan', 'null');
  });
  const ada = await open('#/documents/plan', { by });
  await ada.has(ada.text, PLAN.text);
  await ada.is('All saved');
});
