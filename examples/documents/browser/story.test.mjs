// "Show me a collision": one click tells the whole story, over real requests.

import assert from 'node:assert/strict';

import { play } from './support/play.mjs';

const END = 'Both changes are in the document. Nobody lost a word.';
const MERGED = 'We meet at nine at the station.\n\nEveryone brings something to eat.\n\nIf it rains, we go to the cinema.';

const told = ({ page }) => page.getByText(END).waitFor();

/** What each step shows: its title, and for each person the name, the version and the requests. */
async function stepsOf({ page }) {
  const steps = await page.locator('#story-steps > li').all();
  return Promise.all(steps.map(async step => [
    await step.getByRole('heading', { level: 2 }).textContent(),
    ...await Promise.all((await step.locator('.side').all()).map(async side => [
      await side.getByRole('heading', { level: 3 }).textContent(),
      ...await side.locator('.exchanges p').allTextContents(),
    ])),
  ]));
}

play('one click shows a collision, step by step, with both people side by side', async ({ server, open }) => {
  const visitor = await open('#/');
  await visitor.page.getByRole('link', { name: 'Show me a collision' }).click();
  await told(visitor);
  assert.deepEqual(await stepsOf(visitor), [
    ['Ada and Grace open the same document.', ['Ada has version "1"', 'GET → 200 OK'], ['Grace has version "1"', 'GET → 200 OK']],
    ['Both change it.', ['Ada has version "1"'], ['Grace has version "1"']],
    ['Grace saves first.', ['Ada has version "1"'], ['Grace has version "2"', 'PUT with If-Match: "1" → 204 No Content']],
    ['Ada saves too, and the server refuses.',
      ['Ada has version "1"', 'PUT with If-Match: "1" → 412 Precondition Failed'], ['Grace has version "2"']],
    ['Ada reads what Grace saved.', ['Ada has version "2"', 'GET → 200 OK'], ['Grace has version "2"']],
    ['Ada saves the merge.',
      ['Ada has version "3"', 'PUT with If-Match: "2" → 204 No Content'], ['Grace has version "3"', 'GET → 200 OK']],
  ]);
  const changes = visitor.page.locator('#story-steps > li').nth(1).locator('.side');
  assert.deepEqual(await changes.nth(0).locator('mark').allTextContents(), ['museum', 'cinema']);
  assert.deepEqual(await changes.nth(1).locator('mark').allTextContents(), ['ten', 'nine']);

  await visitor.page.getByRole('link', { name: 'Open the document' }).click();
  await visitor.isLoaded();
  await visitor.has(visitor.text, MERGED);
  const id = new URL(visitor.page.url()).hash.replace('#/documents/', '');
  assert.deepEqual(await server.read(id), { status: 200, etag: '"3"', title: 'Picnic on Sunday', text: MERGED });
});

play('both people of the story are side by side on a screen of 1280 pixels', async ({ open }) => {
  const visitor = await open('#/collision');
  await told(visitor);
  for (const step of await visitor.page.locator('#story-steps > li').all()) {
    const [ada, grace] = await Promise.all((await step.locator('.side').all()).map(side => side.boundingBox()));
    assert.ok(ada.y === grace.y && ada.x + ada.width <= grace.x);
  }
});

play('the story can be played again, and leaves one document', async ({ server, open }) => {
  const visitor = await open('#/collision');
  await told(visitor);
  await visitor.button('Play it again').click();
  await visitor.page.getByText('Playing…').waitFor({ state: 'detached' });
  await told(visitor);
  assert.equal((await stepsOf(visitor)).length, 6);
  assert.equal((await (await fetch(`${server.url}/documents`)).json()).length, 1);
});

play('the story stops with the reason if the server fails, and can be played again', async ({ open }) => {
  const visitor = await open('#/');
  await visitor.page.route('**/documents/picnic-*', route => route.fulfill({ status: 503, body: 'the store is away' }), { times: 1 });
  await visitor.page.getByRole('link', { name: 'Show me a collision' }).click();
  await visitor.page.getByText('The story stops here. 503: the store is away').waitFor();
  await visitor.page.route('**/documents/picnic-*', route => route.abort(), { times: 1 });
  await visitor.button('Play it again').click();
  await visitor.page.getByText('The story stops here: the server cannot be reached.').waitFor();
  await visitor.button('Play it again').click();
  await told(visitor);
});
