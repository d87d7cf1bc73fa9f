// Node's `http` and `fetch`.

import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { given, play } from './rounds.mjs';

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function byHttp(path, headers, content) {
  return new Promise((resolve, reject) => {
    const length = { 'Content-Length': Buffer.byteLength(content) };
    const request = http.request(given.base + path, { agent, method: 'PUT', headers: { ...headers, ...length } });
    request.on('error', reject);
    request.on('response', response => {
      response.on('error', reject);
      response.on('end', () => resolve(response.statusCode));
      response.resume();
    });
    request.setTimeout(20_000, () => request.destroy(new Error('timeout')));
    if (given.pause === 0) {
      request.end(content);
    } else {
      request.flushHeaders();
      sleep(given.pause).then(() => request.end(content));
    }
  });
}

async function byFetch(path, headers, body) {
  const signal = AbortSignal.timeout(20_000);
  const response = await fetch(given.base + path, { method: 'PUT', headers, body, signal });
  await response.text();
  return response.status;
}

await play(given.kind === 'fetch' ? byFetch : byHttp);
process.exit();
