// Plays a collision and takes the screenshot for the README: `node screenshot.mjs`.

import { fileURLToPath } from 'node:url';

import { launch } from './support/chromium.mjs';
import { Server } from './support/server.mjs';
import { Window } from './support/window.mjs';

const PICTURE = fileURLToPath(new URL('../../../docs/collision.png', import.meta.url));

const PLAN = {
  title: 'Plan for Monday',
  text: [
    'We meet on Monday at nine, in the small room.',
    '',
    'Ada brings the figures for the autumn.',
    'Grace writes the minutes.',
    '',
    'Lunch is at half past twelve.',
    'Then we walk to the harbour.',
  ].join('\n'),
};

const server = await Server.start();
const browser = await launch();
try {
  await server.create('plan', PLAN, 'Edsger');
  const context = await browser.newContext({ viewport: { width: 1200, height: 700 }, colorScheme: 'light' });
  const ada = await Window.open(context, server, '#/documents/plan', { name: 'Ada' });
  await ada.text.fill(PLAN.text.replace('half past twelve', 'one, in the garden'));
  const hers = PLAN.text.replace('small room', 'big hall').replace('the minutes.', 'the minutes.\nAlan speaks to the printers.');
  await server.replace('plan', { ...PLAN, text: hers }, 'Grace');
  await ada.saveAndCollide();
  await ada.page.screenshot({ path: PICTURE });
} finally {
  await browser.close();
  await server.end();
}
