// A request as a command of curl, as a shell takes it apart.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { curlOf } from '../page/curl.js';

/** The arguments that a shell gives to curl. */
function argumentsOf(request) {
  const script = `curl() { printf '%s\\0' "$@"; }; ${curlOf(request, 'http://localhost:3000')}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

const ALWAYS = ['-i', '--globoff', '--path-as-is'];

test('a shell changes nothing in the path, the headers and the body', () => {
  const body = `{"text":"It's $HOME, \\"\`\\n"}\nand @more`;
  assert.deepEqual(argumentsOf({ method: 'PUT', path: "/documents/it's[1]", fields: [['If-Match', '"1"'], ['content-type', 'a/b']], body }),
    [...ALWAYS, '-X', 'PUT', "http://localhost:3000/documents/it's[1]", '-H', 'If-Match: "1"', '-H', 'content-type: a/b', '--data-raw', body]);
});

test('a body without a type gets none of curl', () => {
  assert.deepEqual(argumentsOf({ method: 'PUT', path: '/', fields: [], body: 'x' }).slice(3),
    ['-X', 'PUT', 'http://localhost:3000/', '-H', 'Content-Type:', '--data-raw', 'x']);
});

test('HEAD waits for no body, and a header can be empty', () => {
  assert.deepEqual(argumentsOf({ method: 'HEAD', path: '/', fields: [['If-Match', '']], body: null }),
    [...ALWAYS, '--head', 'http://localhost:3000/', '-H', 'If-Match;']);
});
