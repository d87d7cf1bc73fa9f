// The request builder: the answer as it came, and the steps that led to it.

import assert from 'node:assert/strict';

import { play } from './support/play.mjs';

const PLAN = { title: 'Plan', text: 'We meet at nine.' };

async function send(window, preset) {
  await window.button(preset).click();
  await window.page.getByText(`Filled in: ${preset.toLowerCase()}.`).waitFor();
  return answer(window);
}

async function answer({ page }) {
  // What is shown already is not the answer.
  await page.evaluate(() => document.querySelectorAll('#outcome pre').forEach(shown => shown.classList.add('before')));
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('#outcome pre:not(.before)').first().waitFor();
  const [request, response] = await page.locator('#outcome pre').allTextContents();
  const steps = await page.getByRole('list', { name: 'Steps of the decision' }).getByRole('listitem').all();
  const texts = steps.map(step => step.locator('span').allTextContents());
  return {
    request,
    response,
    status: response.split('\r\n')[0],
    steps: Object.fromEntries((await Promise.all(texts)).map(([condition, outcome, says]) => [condition, { outcome, says }])),
    decision: await page.locator('.decision').textContent(),
  };
}

play('a stale write is 412, and its steps say why', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/try');
  const { request, status, steps, decision } = await send(ada, 'Stale write');
  assert.match(request, /^PUT \/documents\/plan HTTP\/1\.1\r\n/);
  assert.match(request, /\r\nIf-Match: "0"\r\n/i);
  assert.equal(status, 'HTTP/1.1 412 Precondition Failed');
  assert.deepEqual(Object.keys(steps), ['If-Match', 'If-Unmodified-Since', 'If-None-Match', 'If-Modified-Since', 'If-Range']);
  assert.equal(steps['If-Match'].outcome, 'false');
  assert.match(steps['If-Match'].says, /strong comparison/);
  assert.equal(steps['If-None-Match'].outcome, 'not present');
  assert.match(decision, /412/);
  assert.equal((await server.read('plan')).etag, '"1"');
});

const REFUSALS = {
  'Write without a condition': 'HTTP/1.1 428 Precondition Required',
  'Guarded create': 'HTTP/1.1 412 Precondition Failed',
  'Malformed tag': 'HTTP/1.1 400 Bad Request',
};

for (const [preset, status] of Object.entries(REFUSALS)) {
  play(`${preset.toLowerCase()}: ${status}`, async ({ server, open }) => {
    await server.create('plan', PLAN);
    const ada = await open('#/try');
    const shown = await send(ada, preset);
    assert.equal(shown.status, status);
    assert.match(shown.response, /\r\ncontent-type: application\/problem\+json\r\n/i);
    assert.equal((await server.read('plan')).etag, '"1"');
  });
}

play('reading again is 304, without content', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/try');
  const { status, response, steps } = await send(ada, 'Read again');
  assert.equal(status, 'HTTP/1.1 304 Not Modified');
  assert.ok(response.endsWith('\r\n\r\n'));
  // As the browser got it, compressed.
  assert.match(response, /\r\netag: "1~br"\r\n/i);
  assert.equal(steps['If-None-Match'].outcome, 'false');
});

play('a date beside a tag is ignored, and a stale range gets the whole', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/try');
  const beside = await send(ada, 'Tag beside date');
  assert.equal(beside.status, 'HTTP/1.1 200 OK');
  assert.match(beside.steps['If-Modified-Since'].outcome, /^ignored/);
  const range = await send(ada, 'Stale range');
  assert.equal(range.status, 'HTTP/1.1 200 OK');
  assert.ok(range.response.endsWith(JSON.stringify(PLAN)));
});

play('a request is built by hand: method, path, any number of fields, and content', async ({ server, open }) => {
  const ada = await open('#/try');
  const { page } = ada;
  await page.getByText('Filled in: stale write.').waitFor();
  await page.getByLabel('Method').selectOption('PUT');
  await page.getByLabel('Path').fill('/documents/menu');
  while (await ada.button('Remove this field').count() > 0) await ada.button('Remove this field').first().click();
  for (const [index, [name, value]] of [['If-None-Match', '*'], ['Content-Type', 'application/json'], ['X-User', 'Ada']].entries()) {
    await ada.button('Add a field').click();
    await page.getByLabel('Field name').nth(index).fill(name);
    await page.getByLabel('Field value').nth(index).fill(value);
  }
  await page.getByLabel('Body').fill(JSON.stringify(PLAN));
  assert.equal((await answer(ada)).status, 'HTTP/1.1 201 Created');
  assert.equal((await server.read('menu')).text, PLAN.text);

  await page.getByLabel('Method').selectOption('DELETE');
  assert.equal((await answer(ada)).status, 'HTTP/1.1 412 Precondition Failed');
});

play('what cannot be sent is said', async ({ open }) => {
  const ada = await open('#/try');
  await ada.page.getByText('Filled in: stale write.').waitFor();
  await ada.page.getByLabel('Path').fill('no path');
  await ada.button('Send').click();
  await ada.page.locator('#outcome .error', { hasText: 'expected a path' }).waitFor();
});
