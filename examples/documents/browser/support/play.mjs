// A test is a story: it has its own server, and its windows close when it ends.

import { after, before, test } from 'node:test';

import { launch } from './chromium.mjs';
import { Server } from './server.mjs';
import { Window } from './window.mjs';

/** The longest wait of a story, in milliseconds. */
const PATIENCE = 15_000;

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/**
 * Plays a story with {server, person, open}: `person()` is a browser with its own storage, and
 * `open(route, {name, by})` opens a window of that person, or of a new one.
 */
export function play(title, story) {
  test(title, async () => {
    const server = await Server.start();
    const people = [];
    const windows = [];
    const person = async options => {
      const context = await browser.newContext(options);
      context.setDefaultTimeout(PATIENCE);
      people.push(context);
      return context;
    };
    const open = async (route, { by, name } = {}) => {
      const window = await Window.open(by ?? await person(), server, route, { name });
      windows.push(window);
      return window;
    };
    try {
      await story({ server, person, open });
      windows.forEach(window => window.hasNoErrors());
    } finally {
      await Promise.all(people.map(context => context.close()));
      await server.end();
    }
  });
}
