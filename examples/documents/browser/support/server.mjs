// The program itself, on a free port, with its own database.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');
const PROGRAM = process.env.DOCUMENTS ?? join(TARGET, 'debug/documents');

export class Server {
  static async start() {
    const server = new Server(await mkdtemp(join(tmpdir(), 'documents-')));
    await server.run('127.0.0.1:0');
    return server;
  }

  constructor(directory) {
    this.directory = directory;
  }

  async run(address) {
    const env = { ...process.env, DATABASE_URL: `sqlite:${join(this.directory, 'documents.sqlite')}`, RUST_LOG: 'off' };
    this.process = spawn(PROGRAM, [address], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.process.once('error', error => { throw new Error(`${PROGRAM} does not run: build it, or name it in DOCUMENTS`, { cause: error }); });
    for await (const line of createInterface({ input: this.process.stdout })) {
      this.url = /^listening on (http:\S+)$/.exec(line)?.[1];
      if (this.url) return;
    }
    throw new Error(`${PROGRAM} did not say where it listens`);
  }

  /** Kills the program with SIGKILL. */
  async kill() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill('SIGKILL');
    await once(this.process, 'exit');
  }

  /** Starts the program again, on the same port, with the same database. */
  async restart() {
    await this.run(new URL(this.url).host);
  }

  async end() {
    await this.kill();
    await rm(this.directory, { recursive: true });
  }

  /** Reads a document without a content coding: {status, etag, title, text}. */
  async read(id) {
    const response = await fetch(`${this.url}/documents/${id}`, { headers: { 'Accept-Encoding': 'identity' } });
    const content = response.status === 200 ? await response.json() : {};
    return { status: response.status, etag: response.headers.get('ETag'), ...content };
  }

  /** Writes a document as this person; with null, without a name. */
  async write(id, document, { by = 'Grace', condition = {} } = {}) {
    const headers = { 'Content-Type': 'application/json', ...(by === null ? {} : { 'X-User': by }), ...condition };
    const response = await fetch(`${this.url}/documents/${id}`, { method: 'PUT', headers, body: JSON.stringify(document) });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return response.headers.get('ETag');
  }

  create(id, document, by) {
    return this.write(id, document, { by, condition: { 'If-None-Match': '*' } });
  }

  /** Replaces the current version, whichever that is. */
  async replace(id, document, by) {
    const { etag } = await this.read(id);
    return this.write(id, document, { by, condition: { 'If-Match': etag } });
  }

  async delete(id) {
    const { etag } = await this.read(id);
    await fetch(`${this.url}/documents/${id}`, { method: 'DELETE', headers: { 'If-Match': etag } });
  }
}
