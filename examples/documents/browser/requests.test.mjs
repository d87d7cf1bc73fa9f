// Requests and their answers, without a browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  MOST_NAME, Unreachable, decodeName, detailOf, encodeName, pathOf, requestFor, routeOf, send, versionIn,
} from '../page/requests.js';
import { identified, identityHeaders } from '../page/repeating.js';
import { Server } from './support/server.mjs';

test('a request has its condition, its JSON content and the encoded name of its user', () => {
  const request = requestFor('PUT', { condition: { 'If-Match': '"1"' }, content: { title: 'Plan' }, by: 'Zoë, 100 %' });
  assert.deepEqual(request, {
    method: 'PUT',
    headers: { 'If-Match': '"1"', 'Content-Type': 'application/json', 'X-User': 'Zo%C3%AB, 100 %25' },
    body: '{"title":"Plan"}',
    cache: 'default',
  });
});

test('a read names no user, and a write without a name neither', () => {
  assert.deepEqual(requestFor('GET', { by: 'Ada', cache: 'no-store' }), { method: 'GET', headers: {}, body: undefined, cache: 'no-store' });
  assert.deepEqual(requestFor('DELETE', {}).headers, {});
});

test('a write has the id of the one whose answer was lost if it is the same, and otherwise a new one', () => {
  const write = { method: 'PUT', path: '/documents/plan', condition: { 'If-Match': '"1"' }, content: { title: 'Plan', text: 'a' } };
  const lost = identified(write, null);
  assert.match(lost.id, /^[0-9a-f]{32}$/);
  // A draft keeps it as JSON, and the order of members does not matter.
  const kept = JSON.parse(JSON.stringify({ ...lost, content: { text: 'a', title: 'Plan' } }));
  assert.equal(identified(write, kept).id, lost.id);
  const others = [
    { ...write, method: 'DELETE' },
    { ...write, path: '/documents/other' },
    { ...write, condition: { 'If-Match': '"2"' } },
    { ...write, condition: { 'If-None-Match': '"1"' } },
    { ...write, content: { title: 'Plan', text: 'b' } },
    { ...write, content: undefined },
  ];
  const ids = others.map(other => identified(other, kept).id);
  assert.equal(new Set([lost.id, ...ids]).size, others.length + 1);
});

test('an id goes with a digest of the content', async () => {
  assert.deepEqual(await identityHeaders('a', '{"hello": "world"}'), {
    'Idempotency-Key': '"a"',
    // The example of RFC 9530, appendix D.
    'Content-Digest': 'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:',
  });
  assert.deepEqual(await identityHeaders(undefined, 'text'), {});
});

test('an encoded name is visible ASCII, and decodes to the name', () => {
  for (const name of ['Ada', 'Zoë Ångström', '100 %', '%41', '😀', 'a\nb']) {
    assert.match(encodeName(name), /^[ -~]*$/, name);
    assert.equal(decodeName(encodeName(name)), name);
  }
  assert.equal(decodeName('100 %'), '100 %');
  assert.equal(encodeName('\ud800'), '%EF%BF%BD');
  assert.ok(MOST_NAME > 0);
});

test('an id is one segment of a path', () => {
  assert.equal(pathOf('a/b?c#d e'), '/documents/a%2Fb%3Fc%23d%20e');
  assert.equal(routeOf('a/b'), '#/documents/a%2Fb');
});

test('a version has one line of title and one kind of line end', () => {
  const answer = { status: 200, etag: '"1~br"', number: '1', json: { title: 'My\r\nplan', text: 'one\r\ntwo\rthree\n' } };
  assert.deepEqual(versionIn(answer), { etag: '"1~br"', number: '1', title: 'Myplan', text: 'one\ntwo\nthree\n' });
  assert.equal(versionIn({ ...answer, status: 304, json: null }), null);
});

test('a refusal says its reason, its text, or that it has none', () => {
  assert.equal(detailOf({ status: 503, json: { detail: 'the store is away' }, text: '{}' }), '503: the store is away');
  assert.equal(detailOf({ status: 502, json: null, text: ' Bad Gateway\n' }), '502: Bad Gateway');
  assert.equal(detailOf({ status: 500, json: null, text: '' }), '500: the server gave no reason');
});

test('an answer is read whole, and no answer is an error of its own', async () => {
  const server = await Server.start();
  try {
    const path = `${server.url}/documents/plan`;
    const content = { title: 'Plan', text: 'We meet at nine.' };
    const created = await send('PUT', path, { condition: { 'If-None-Match': '*' }, content, by: 'Ada' });
    assert.deepEqual([created.status, created.etag, created.number, created.json], [201, '"1"', '1', null]);
    assert.equal((await send('PUT', path, { content, condition: { 'If-Match': '"0"' } })).json.changed_by, 'Ada');
    await server.kill();
    await assert.rejects(send('GET', path), Unreachable);
  } finally {
    await server.end();
  }
});
