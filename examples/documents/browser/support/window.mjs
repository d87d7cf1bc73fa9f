// A window with the page, and what a person does in it.

import assert from 'node:assert/strict';

export class Window {
  /** Opens the page at this route, as this person. */
  static async open(context, server, route, { name } = {}) {
    const window = new Window(await context.newPage(), server);
    await window.page.goto(`${server.url}/${route}`);
    if (name) await window.page.getByLabel('You are').fill(name);
    if (route.startsWith('#/documents/')) await window.isLoaded();
    return window;
  }

  constructor(page, server) {
    this.page = page;
    this.server = server;
    /** Errors of scripts, and refusals of the Content-Security-Policy: there must be none. */
    this.errors = [];
    page.on('pageerror', error => this.errors.push(error));
    page.on('console', message => {
      if (/Content Security Policy/.test(message.text())) this.errors.push(message.text());
    });
  }

  get title() { return this.page.getByLabel('Title', { exact: true }); }
  get text() { return this.page.getByLabel('Text', { exact: true }); }
  get notice() { return this.page.locator('#notices'); }
  get collision() { return this.page.getByRole('dialog', { name: /saved first/ }); }
  get gone() { return this.page.getByRole('dialog', { name: 'This document was deleted' }); }

  button(name) {
    return this.page.getByRole('button', { name });
  }

  async isLoaded() {
    await this.page.locator('#facts', { hasText: 'version' }).waitFor();
  }

  async reload() {
    await this.page.reload();
    await this.isLoaded();
  }

  async says(words) {
    await this.notice.getByText(words).waitFor();
  }

  /** Waits for the state beside the button, such as "All saved". */
  async is(state) {
    await this.page.locator('#state', { hasText: state }).waitFor();
  }

  async has(input, value) {
    await this.page.waitForFunction(([element, value]) => element.value === value, [await input.elementHandle(), value]);
  }

  async save() {
    await this.button('Save').click();
  }

  /** Lets the next request for the plan reach the server, and loses its answer. */
  async loseAnswer() {
    await this.page.route('**/documents/plan', async route => {
      await route.fetch();
      await route.abort();
    }, { times: 1 });
  }

  /** Saves, and waits for the dialog that says who saved first. */
  async saveAndCollide() {
    await this.save();
    await this.collision.waitFor();
  }

  /** The rows of the table "Over the wire", the oldest first: "PUT /documents/plan | If-Match: "1" | 204 No Content". */
  async requests() {
    const rows = await this.page.locator('#wire-rows tr').all();
    const cells = await Promise.all(rows.map(row => row.locator('td').allTextContents()));
    return cells.map(row => row.filter(Boolean).join(' | '));
  }

  async lastRequest() {
    return (await this.requests()).at(-1);
  }

  hasNoErrors() {
    assert.deepEqual(this.errors, []);
  }
}
