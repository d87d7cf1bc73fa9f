// Reading again gets a 304, for the page's own request and for the browser's cache.

import assert from 'node:assert/strict';

import { play } from './support/play.mjs';

const PLAN = { title: 'Plan', text: 'We meet at nine.\nBring the figures.' };

play('reading again shows the 304, or the new version', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/documents/plan');
  await ada.button('Read again').click();
  await ada.says('304: nothing has changed since you read it.');
  assert.equal(await ada.lastRequest(), 'GET /documents/plan | If-None-Match: "1" | 304 Not Modified');

  await server.replace('plan', { ...PLAN, text: 'We meet at ten.' }, 'Grace');
  await ada.button('Read again').click();
  await ada.says('Grace changed it. You now see the new version.');
  await ada.has(ada.text, 'We meet at ten.');
});

play('reading again keeps unsaved text', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/documents/plan');
  await ada.text.fill('mine');
  await server.replace('plan', { ...PLAN, text: 'hers' }, 'Grace');
  await ada.button('Read again').click();
  await ada.says('Grace changed this document after you began.');
  await ada.has(ada.text, 'mine');
});

play('a newer version is noticed while the user types, and told once', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/documents/plan');
  await ada.text.fill('mine');
  await server.replace('plan', { ...PLAN, text: 'hers' }, 'Grace');
  await ada.says('Grace changed this document after you began. Save to see both changes.');
  await ada.has(ada.text, 'mine');
  const requests = await ada.requests();
  await ada.text.fill('mine, and more');
  await ada.page.waitForResponse(/\/documents$/);
  await ada.page.waitForTimeout(200);
  assert.deepEqual(await ada.requests(), requests, 'it is read once');
  await ada.button('Compare now').click();
  await ada.collision.waitFor();
});

play('the wire shows requests oldest first, says so, and shows the last one', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/documents/plan');
  for (let times = 0; times < 12; times++) await Promise.all([ada.page.waitForResponse(/plan$/), ada.button('Read again').click()]);
  await ada.page.getByText('Oldest first.').waitFor();
  const rows = ada.page.locator('#wire-rows tr');
  assert.equal(await rows.first().textContent(), 'GET /documents/plan200 OK');
  await rows.nth(12).getByText('304 Not Modified').waitFor();
  const [row, box] = [await rows.last().boundingBox(), await ada.page.locator('#wire-scroll').boundingBox()];
  assert.ok(row.y >= box.y && row.y + row.height <= box.y + box.height + 1, 'the last row is in view');
});

play('a reload gets a 304 over the network', async ({ server, person, open }) => {
  await server.create('plan', PLAN);
  const by = await person();
  const ada = await open('#/documents/plan', { by });
  const network = await by.newCDPSession(ada.page);
  await network.send('Network.enable');
  const [paths, statuses] = [new Map(), new Map()];
  network.on('Network.requestWillBeSent', ({ requestId, request }) => paths.set(requestId, new URL(request.url).pathname));
  network.on('Network.responseReceivedExtraInfo', ({ requestId, statusCode }) => statuses.set(requestId, statusCode));
  await ada.reload();
  // The page detects the same from the size of the answer.
  await ada.page.locator('#wire-rows', { hasText: '304 Not Modifiedthe browser added If-None-Match' }).waitFor();

  const onTheWire = [...statuses].map(([id, status]) => `${paths.get(id)} ${status}`);
  assert.ok(onTheWire.includes('/documents/plan 304'), onTheWire.join(', '));
  await ada.has(ada.text, PLAN.text);
});

play('other line ends in a stored document are not an unsaved change', async ({ server, open }) => {
  await server.create('plan', { title: 'Plan', text: 'one\r\ntwo\rthree' });
  const ada = await open('#/documents/plan');
  await ada.has(ada.text, 'one\ntwo\nthree');
  await ada.title.fill('Another plan');
  await ada.is('Not saved');
  await ada.title.fill('Plan');
  await ada.is('All saved');
});

play('a deleted document can be created again from the text that is shown', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/documents/plan');
  await server.delete('plan');
  await ada.button('Read again').click();
  await ada.says('This document was deleted.');
  await ada.button('Create it again').click();
  await ada.has(ada.page.getByLabel('Id', { exact: true }), 'plan');
  await ada.has(ada.text, PLAN.text);
});

play('the history shows who changed the document, and when', async ({ server, open }) => {
  await server.create('plan', PLAN, 'Edsger');
  await server.replace('plan', { ...PLAN, text: 'hers' }, 'Grace');
  const ada = await open('#/documents/plan', { name: 'Ada' });
  await ada.page.getByText('Who changed it, and when').click();
  const history = ada.page.locator('#history tbody tr');
  await history.nth(1).waitFor();
  const rows = async () => (await history.allTextContents()).map(row => row.replace(/(just now|\d+ seconds ago)$/, ''));
  assert.deepEqual(await rows(), ['2replacedGrace', '1createdEdsger']);
  await ada.text.fill('mine');
  await ada.save();
  await history.nth(2).waitFor();
  assert.equal((await rows())[0], '3replacedAda');
});
