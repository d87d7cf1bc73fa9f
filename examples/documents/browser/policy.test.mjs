// The Content-Security-Policy: the page works under it, and it stops inline code.

import assert from 'node:assert/strict';

import { play } from './support/play.mjs';
import { forEachView } from './support/views.mjs';

/** Collects what the policy refuses in every window of this person. */
async function violationsOf(by) {
  const violations = [];
  await by.exposeBinding('reportViolation', (_, violation) => violations.push(violation));
  await by.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
      globalThis.reportViolation(`${effectiveDirective}: ${blockedURI}`));
  });
  return violations;
}

play('no view violates the policy', async story => {
  let violations;
  const person = async options => {
    const by = await story.person(options);
    violations = await violationsOf(by);
    return by;
  };
  let views = 0;
  await forEachView({ ...story, person }, {}, async (_, view) => {
    views++;
    assert.deepEqual(violations, [], view);
  });
  assert.ok(views >= 8);
});

// The windows of a story allow no violation, so this one opens its own page.
play('the policy refuses inline scripts, inline styles and other servers', async ({ server, person }) => {
  const by = await person();
  const violations = await violationsOf(by);
  const page = await by.newPage();
  await page.goto(`${server.url}/`);
  await page.getByRole('heading', { name: 'Two people, one document' }).waitFor();
  await page.evaluate(() => {
    const add = (tag, properties) => document.body.append(Object.assign(document.createElement(tag), properties));
    add('script', { textContent: 'globalThis.hasRun = true;' });
    add('style', { textContent: 'body { display: none; }' });
    document.body.setAttribute('style', 'display: none');
    add('img', { src: 'http://elsewhere.invalid/image.png' });
    return fetch('http://elsewhere.invalid/').catch(() => null);
  });
  const expected = [
    'connect-src: http://elsewhere.invalid/',
    'img-src: http://elsewhere.invalid/image.png',
    'script-src-elem: inline',
    'style-src-attr: inline',
    'style-src-elem: inline',
  ];
  for (let waits = 0; waits < 100 && violations.length < expected.length; waits++) await page.waitForTimeout(20);
  assert.deepEqual(violations.sort(), expected);
  assert.equal(await page.evaluate(() => globalThis.hasRun), undefined);
  assert.ok(await page.locator('body').isVisible());
});
