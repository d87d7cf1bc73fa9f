// The request builder: the answer as received, and the steps of the decision.

import assert from 'node:assert/strict';

import { play } from './support/play.mjs';

const PLAN = { title: 'Plan', text: 'We meet at nine.' };

async function send(window, example) {
  await window.button(example).click();
  await window.page.getByText(`Filled in: ${example.toLowerCase()}.`).waitFor();
  return answer(window);
}

async function answer({ page }) {
  // An answer that is already shown is not the one to wait for.
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

play('a stale write gets 412, and the steps say why', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/try');
  const { request, status, steps, decision } = await send(ada, 'Stale write');
  assert.match(request, /^PUT \/documents\/plan HTTP\/1\.1\r\n/);
  assert.match(request, /\r\nIf-Match: "0"\r\n/i);
  assert.match(request, /\r\n\r\n{"title":"Plan","text":"From the request builder"}$/);
  await ada.page.getByText('Request as sent (the builder added Host, Content-Length, Connection)').waitFor();
  assert.equal(status, 'HTTP/1.1 412 Precondition Failed');
  assert.deepEqual(Object.keys(steps), ['If-Match', 'If-Unmodified-Since', 'If-None-Match', 'If-Modified-Since', 'If-Range']);
  assert.equal(steps['If-Match'].outcome, 'false');
  assert.match(steps['If-Match'].says, /strong comparison/);
  assert.equal(steps['If-None-Match'].outcome, 'not present');
  assert.match(decision, /412/);
  assert.equal((await server.read('plan')).etag, '"1"');
});

play('every example says which status to expect, and gets it', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/try');
  const examples = await ada.page.locator('#examples button').allTextContents();
  assert.equal(examples.length, 9);
  const seen = [];
  for (const example of examples) {
    const [, name, code] = /^(.+) (\d{3})$/.exec(example);
    await ada.button(name).click();
    const note = ada.page.locator('#try-note', { hasText: `Filled in: ${name.toLowerCase()}. Expect ${code} ` });
    await note.waitFor();
    const [, expected] = /Expect (.+?): .+\.$/.exec(await note.textContent());
    assert.equal((await answer(ada)).status, `HTTP/1.1 ${expected}`, name);
    seen.push(code);
  }
  assert.deepEqual(seen, ['204', '412', '428', '412', '400', '304', '200', '412', '200']);
  assert.equal((await server.read('plan')).etag, '"2"');
});

play('an example that succeeds keeps the title', async ({ server, open }) => {
  await server.create('menu', { title: 'Menu', text: 'Soup' });
  await send(await open('#/try'), 'Current write');
  assert.deepEqual(await server.read('menu'), { status: 200, etag: '"2"', title: 'Menu', text: 'From the request builder' });
});

play('an example without a document says so', async ({ open }) => {
  const ada = await open('#/try');
  await ada.page.getByText('Filled in: stale write. There is no document yet, so the answer is another one.').waitFor();
});

play('a request is copied as a command of curl', async ({ server, person }) => {
  await server.create('plan', PLAN);
  const by = await person();
  await by.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await by.newPage();
  await page.goto(`${server.url}/#/try`);
  await page.getByText('Filled in: stale write.').waitFor();
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  await page.getByText('Copied.').waitFor();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(command, `curl -i --globoff --path-as-is -X PUT '${server.url}/documents/plan' -H 'If-Match: "0"' `
    + `-H 'Content-Type: application/json' --data-raw '{"title":"Plan","text":"From the request builder"}'`);
  assert.equal(await page.getByRole('group', { name: 'The command' }).textContent(), command);
});

play('without a clipboard, the command is shown', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/try');
  await ada.page.getByText('Filled in: stale write.').waitFor();
  await ada.page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed')); });
  await ada.button('Copy as curl').click();
  await ada.page.getByText('Copy the command from below').waitFor();
  assert.match(await ada.page.getByRole('group', { name: 'The command' }).textContent(), /^curl -i .*-X PUT /);
});

const REFUSALS = {
  'Write without a condition': 'HTTP/1.1 428 Precondition Required',
  'Guarded create': 'HTTP/1.1 412 Precondition Failed',
  'Malformed tag': 'HTTP/1.1 400 Bad Request',
};

for (const [example, status] of Object.entries(REFUSALS)) {
  play(`the example “${example.toLowerCase()}” gets ${status.slice('HTTP/1.1 '.length)}`, async ({ server, open }) => {
    await server.create('plan', PLAN);
    const ada = await open('#/try');
    const shown = await send(ada, example);
    assert.equal(shown.status, status);
    assert.match(shown.response, /\r\ncontent-type: application\/problem\+json\r\n/i);
    assert.equal((await server.read('plan')).etag, '"1"');
  });
}

play('reading again gets 304 without a body', async ({ server, open }) => {
  await server.create('plan', { ...PLAN, text: PLAN.text.repeat(100) });
  const ada = await open('#/try');
  const { status, response, steps } = await send(ada, 'Read again');
  assert.equal(status, 'HTTP/1.1 304 Not Modified');
  assert.ok(response.endsWith('\r\n\r\n'));
  // The tag is the browser's, of the compressed document.
  assert.match(response, /\r\netag: "1~br"\r\n/i);
  assert.equal(steps['If-None-Match'].outcome, 'false');
});

play('a date beside a tag is ignored, and a stale If-Range gets the whole document', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const ada = await open('#/try');
  const beside = await send(ada, 'Tag beside date');
  assert.equal(beside.status, 'HTTP/1.1 200 OK');
  assert.match(beside.steps['If-Modified-Since'].outcome, /^ignored/);
  const range = await send(ada, 'Stale range');
  assert.equal(range.status, 'HTTP/1.1 200 OK');
  assert.ok(range.response.endsWith(JSON.stringify(PLAN)));
});

play('WebDAV If is judged before the other conditions', async ({ server, open }) => {
  await server.create('plan', PLAN);
  const { status, steps } = await send(await open('#/try'), 'WebDAV If');
  assert.equal(status, 'HTTP/1.1 412 Precondition Failed');
  assert.equal(steps.If.outcome, 'false');
});

play('a request can be built by hand: method, path, headers and body', async ({ server, open }) => {
  const ada = await open('#/try');
  const { page } = ada;
  await page.getByText('Filled in: stale write.').waitFor();
  await page.getByLabel('Method').selectOption('PUT');
  await page.getByLabel('Path').fill('/documents/menu');
  while (await ada.button('Remove this header').count() > 0) await ada.button('Remove this header').first().click();
  for (const [index, [name, value]] of [['If-None-Match', '*'], ['Content-Type', 'application/json'], ['X-User', 'Ada']].entries()) {
    await ada.button('Add a header').click();
    await page.getByLabel('Header name').nth(index).fill(name);
    await page.getByLabel('Header value').nth(index).fill(value);
  }
  await page.getByLabel('Body').fill(JSON.stringify(PLAN));
  assert.equal((await answer(ada)).status, 'HTTP/1.1 201 Created');
  assert.equal((await server.read('menu')).text, PLAN.text);

  await page.getByLabel('Method').selectOption('DELETE');
  assert.equal((await answer(ada)).status, 'HTTP/1.1 412 Precondition Failed');
});

play('a request that cannot be sent is refused with the reason', async ({ open }) => {
  const ada = await open('#/try');
  await ada.page.getByText('Filled in: stale write.').waitFor();
  await ada.page.getByLabel('Path').fill('no path');
  await ada.button('Send').click();
  await ada.page.locator('#outcome .error', { hasText: 'expected a path' }).waitFor();
});
