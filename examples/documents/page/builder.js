// The request builder: sends any request, and shows the answer as it came and the steps of the decision.

import { curlOf } from './curl.js';
import { byId, make } from './elements.js';
import { listed, refreshList } from './list.js';
import { Unreachable, detailOf, pathOf, send } from './requests.js';
import { userName } from './user.js';

const METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'POST', 'QUERY', 'OPTIONS'];
const JSON_TYPE = ['Content-Type', 'application/json'];
const TEXT = 'From the request builder';

/**
 * Examples: each makes {method, headers, body} for a document with this current {etag}, and this new {content} as JSON.
 * `expects` is the status to expect, and `why` the reason.
 */
const EXAMPLES = {
  'Current write': {
    expects: '204 No Content', why: 'the tag names the current version, so the server stores the text',
    request: ({ etag, content }) => ({ method: 'PUT', headers: [['If-Match', etag], JSON_TYPE], body: content }),
  },
  'Stale write': {
    expects: '412 Precondition Failed', why: 'the tag names no current version',
    request: ({ content }) => ({ method: 'PUT', headers: [['If-Match', '"0"'], JSON_TYPE], body: content }),
  },
  'Write without a condition': {
    expects: '428 Precondition Required', why: 'a write to a document must name its version',
    request: ({ content }) => ({ method: 'PUT', headers: [JSON_TYPE], body: content }),
  },
  'Guarded create': {
    expects: '412 Precondition Failed', why: 'the document exists already',
    request: ({ content }) => ({ method: 'PUT', headers: [['If-None-Match', '*'], JSON_TYPE], body: content }),
  },
  'Malformed tag': {
    expects: '400 Bad Request', why: 'a tag stands in double quotes',
    request: ({ content }) => ({ method: 'PUT', headers: [['If-Match', '1'], JSON_TYPE], body: content }),
  },
  'Read again': {
    expects: '304 Not Modified', why: 'the client has the current version, so the server sends no body',
    request: ({ etag }) => ({ method: 'GET', headers: [['If-None-Match', etag]] }),
  },
  'Tag beside date': {
    expects: '200 OK', why: 'the tag decides, and the date is ignored',
    request: () => ({ method: 'GET', headers: [['If-None-Match', '"0"'], ['If-Modified-Since', new Date().toUTCString()]] }),
  },
  'WebDAV If': {
    expects: '412 Precondition Failed', why: 'no list of If holds',
    request: ({ content }) => ({ method: 'PUT', headers: [['If', '(["0"]) (<urn:uuid:1>)'], JSON_TYPE], body: content }),
  },
  'Stale range': {
    expects: '200 OK', why: 'the tag is not current, so the server sends the whole document',
    request: () => ({ method: 'GET', headers: [['Range', 'bytes=0-9'], ['If-Range', '"0"']] }),
  },
};

/** Fills the form in for the first document of the list, unless it is filled in already. */
export function openBuilder() {
  if (byId('try-path').value === '') fillIn('Stale write');
}

async function fillIn(name) {
  await refreshList();
  const id = listed[0]?.id ?? 'plan';
  const current = await send('GET', pathOf(id), { cache: 'no-cache' }).catch(() => null);
  const { expects, why, request } = EXAMPLES[name];
  const content = JSON.stringify({ title: current?.json?.title ?? 'Plan', text: TEXT });
  const { method, headers, body = '' } = request({ etag: current?.etag ?? '"1"', content });
  byId('try-method').value = method;
  byId('try-path').value = pathOf(id);
  byId('try-body').value = body;
  byId('try-headers').replaceChildren(...headers.map(header => headerRow(...header)));
  const expected = listed.length ? `Expect ${expects}: ${why}.` : 'There is no document yet, so the answer is another one.';
  byId('try-note').textContent = `Filled in: ${name.toLowerCase()}. ${expected}`;
  byId('curl').hidden = true;
}

function headerRow(name = '', value = '') {
  const row = make('li', {},
    make('input', { value: name, 'aria-label': 'Header name', autocomplete: 'off', spellcheck: false }),
    make('input', { value, 'aria-label': 'Header value', autocomplete: 'off', spellcheck: false }),
    make('button', { type: 'button', 'aria-label': 'Remove this header', onclick: () => removeHeader(row) }, '×'));
  return row;
}

function addHeader() {
  byId('try-headers').append(headerRow());
  byId('try-headers').lastElementChild.querySelector('input').focus();
}

function removeHeader(row) {
  row.remove();
  byId('add-header').focus();
}

/** The request as the form has it. Rows without a name are left out. */
function typedRequest() {
  const headers = [...byId('try-headers').children].map(row => [...row.querySelectorAll('input')].map(input => input.value));
  return {
    method: byId('try-method').value,
    path: byId('try-path').value,
    fields: headers.filter(([name]) => name.trim() !== ''),
    body: byId('try-body').value === '' ? null : byId('try-body').value,
  };
}

/** Shows the request as a command line, and copies it if the browser lets a page do so. */
async function copyAsCurl() {
  const command = curlOf(typedRequest(), location.origin);
  byId('curl').textContent = command;
  byId('curl').hidden = false;
  const isCopied = await Promise.resolve(navigator.clipboard?.writeText(command).then(() => true)).catch(() => false);
  byId('try-note').textContent = isCopied ? 'Copied.' : 'Copy the command from below: the browser does not let this page do it.';
}

async function sendTyped() {
  const content = typedRequest();
  byId('try-note').textContent = 'Sending…';
  try {
    const answer = await send('POST', '/try', { content, by: userName() });
    showOutcome(answer.status === 200 && answer.json ? outcomeOf(answer.json) : [make('p', { className: 'error' }, detailOf(answer))]);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    showOutcome([make('p', { className: 'error' }, 'The server cannot be reached.')]);
  }
  byId('try-note').textContent = '';
  refreshList();
}

function outcomeOf({ request, response, steps, decision }) {
  return [
    make('p', { className: 'decision' }, decision),
    make('ol', { className: 'steps', 'aria-label': 'Steps of the decision' }, ...steps.map(stepRow)),
    make('figure', {}, make('figcaption', { className: 'label' }, 'Request as sent', addedNote(request)), make('pre', { className: 'raw' }, request)),
    make('figure', {}, make('figcaption', { className: 'label' }, 'Answer as received'), make('pre', { className: 'raw' }, ...statusLineFirst(response))),
  ];
}

/** Says which headers of a request the user did not write. */
function addedNote(request) {
  const typed = new Set(typedRequest().fields.map(([name]) => name.toLowerCase()));
  const sent = request.split('\r\n\r\n')[0].split('\r\n').slice(1).map(line => line.split(':')[0]);
  const added = sent.filter(name => !typed.has(name.toLowerCase()));
  return added.length ? ` (the builder added ${added.join(', ')})` : '';
}

function stepRow({ condition, outcome, says }) {
  return make('li', { className: outcome === 'not present' ? 'absent' : '' },
    make('span', {}, condition), make('span', { className: `outcome ${{ true: 'good', false: 'bad' }[outcome] ?? ''}` }, outcome),
    ...(says && outcome !== 'not present' ? [make('span', { className: 'quiet' }, says)] : []));
}

function statusLineFirst(response) {
  const end = response.search(/\r?\n/);
  return end < 0 ? [response] : [make('strong', {}, response.slice(0, end)), response.slice(end)];
}

function showOutcome(children) {
  byId('outcome').replaceChildren(byId('outcome-heading'), ...children);
  byId('outcome-heading').focus();
}

export function listenToBuilder() {
  byId('try-method').append(...METHODS.map(method => make('option', {}, method)));
  byId('examples').append(...Object.keys(EXAMPLES).map(name => make('button', { type: 'button', onclick: () => fillIn(name) },
    name, ' ', make('small', {}, EXAMPLES[name].expects.slice(0, 3)))));
  byId('add-header').addEventListener('click', addHeader);
  byId('copy-curl').addEventListener('click', copyAsCurl);
  byId('try-form').addEventListener('submit', event => {
    event.preventDefault();
    sendTyped();
  });
}
