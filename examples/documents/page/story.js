// Tells a collision: this page plays two people, and the requests and the answers are real.

import { diffOf } from './diff-view.js';
import { byId, make } from './elements.js';
import { refreshList } from './list.js';
import { marksFor, mergeTexts } from './merge.js';
import { Unreachable, detailOf, idFrom, pathOf, routeOf, versionIn } from './requests.js';
import { ask } from './wire.js';

const SEED = {
  title: 'Picnic on Sunday',
  text: 'We meet at ten at the station.\n\nEveryone brings something to eat.\n\nIf it rains, we go to the museum.',
};
const ADAS = SEED.text.replace('museum', 'cinema');
const GRACES = SEED.text.replace('ten', 'nine');

/** The server gave another answer than the story needs. */
class Stopped extends Error {}

/** A person of the story: the version that she has, her text, and what she sent and got in the current step. */
class Person {
  constructor(name, path) {
    Object.assign(this, { name, path, base: SEED, mine: SEED, exchanges: [] });
  }

  async send(method, condition, content, expected) {
    const answer = await ask(method, this.path, { condition, content, by: this.name, cache: 'no-store' });
    const [sent] = Object.entries(condition).map(([name, value]) => `${name}: ${value}`);
    this.exchanges.push({ sent: [method, sent].filter(Boolean).join(' with '), answer });
    if (answer.status !== expected) throw new Stopped(detailOf(answer));
    return answer;
  }

  async open() {
    this.base = this.mine = versionIn(await this.send('GET', {}, undefined, 200));
  }

  type(text) {
    this.mine = { title: this.mine.title, text };
  }

  /** Saves over the version that she has. */
  async save(expected) {
    const answer = await this.send('PUT', { 'If-Match': this.base.etag }, { title: this.mine.title, text: this.mine.text }, expected);
    if (expected < 300) this.base = this.mine = { ...this.mine, etag: answer.etag };
    return answer;
  }

  /** Reads the current version, and puts her own change into it. */
  async merge() {
    const [before, mine] = [this.base, this.mine];
    await this.open();
    this.type(mergeTexts(before.text, this.base.text, mine.text, marksFor([], '')));
  }
}

/** The document of the last story, {path, etag}, which the next one deletes. */
let last = null;
let isPlaying = false;

/** Tells the story, unless it is told already. */
export function openStory() {
  if (byId('story-steps').childElementCount === 0) tell();
}

async function tell() {
  if (isPlaying) return;
  isPlaying = true;
  byId('story-steps').replaceChildren();
  byId('story-document').hidden = true;
  byId('story-end').className = '';
  byId('story-end').textContent = 'Playing…';
  try {
    byId('story-end').textContent = await play();
  } catch (error) {
    if (!(error instanceof Stopped || error instanceof Unreachable)) throw error;
    byId('story-end').className = 'error';
    byId('story-end').textContent = error instanceof Stopped ? `The story stops here. ${error.message}` : 'The story stops here: the server cannot be reached.';
  }
  isPlaying = false;
  refreshList();
}

async function play() {
  if (last) await ask('DELETE', last.path, { condition: { 'If-Match': last.etag } });
  last = null;
  const id = `${idFrom(SEED.title)}-${crypto.getRandomValues(new Uint32Array(1))[0].toString(36)}`;
  const [ada, grace] = [new Person('Ada', pathOf(id)), new Person('Grace', pathOf(id))];
  const step = (title, words) => addStep(title, words, [ada, grace]);
  await new Person('Edsger', pathOf(id)).send('PUT', { 'If-None-Match': '*' }, SEED, 201);

  await ada.open();
  await grace.open();
  const first = ada.base.etag;
  step('Ada and Grace open the same document.',
    ['The server sends the text to each of them, and with it the name of this version: ', ['ETag', first], '.']);

  ada.type(ADAS);
  grace.type(GRACES);
  step('Both change it.', ['Ada changes the last line, and Grace the first. Neither sees what the other types.']);

  const { etag: second } = await grace.save(204);
  step('Grace saves first.',
    ['Her save says ', ['If-Match', first], ': save only over this version. The server still has it, so it stores her text, as version ', [second], '.']);

  await ada.save(412);
  step('Ada saves too, and the server refuses.',
    ['Her save says ', ['If-Match', first], ' as well. The server has ', [second], ' now, so it answers 412 and stores nothing. '
      + 'Without If-Match, her save would have erased Grace’s change, and nobody would have noticed.']);

  await ada.merge();
  step('Ada reads what Grace saved.', ['They changed different lines, so both changes fit into one text.']);

  const { etag: third } = await ada.save(204);
  await grace.open();
  step('Ada saves the merge.',
    ['Her save says ', ['If-Match', second], ', and that is what the server has. It stores version ', [third], ', and Grace sees it when she reads again.']);

  last = { path: pathOf(id), etag: third };
  byId('story-document').href = routeOf(id);
  byId('story-document').hidden = false;
  return 'Both changes are in the document. Nobody lost a word.';
}

/** Shows a step: its words, and both people side by side. A list among the words is a header, or a tag alone. */
function addStep(title, words, people) {
  const inWords = words.map(part => typeof part === 'string' ? part : make('code', {}, part.join(': ')));
  byId('story-steps').append(make('li', { className: 'sheet stack' },
    make('div', {}, make('h2', {}, title), make('p', { className: 'prose' }, ...inWords)),
    make('div', { className: 'sides' }, ...people.map(side))));
  people.forEach(person => { person.exchanges = []; });
}

function side({ name, base, mine, exchanges }) {
  const line = text => make('div', { 'data-sign': '' }, make('span', {}, text));
  const lines = base.text === mine.text ? mine.text.split('\n').map(line) : diffOf(base, mine);
  const exchange = ({ sent, answer: { status, statusText } }) => make('p', { className: 'mono' },
    `${sent} → `, make('strong', { className: status < 400 ? 'good' : 'bad' }, `${status} ${statusText}`));
  return make('section', { className: 'side' },
    make('h3', {}, name, make('span', { className: 'quiet' }, ' has version ', make('code', {}, base.etag))),
    ...(exchanges.length ? [make('div', { className: 'exchanges' }, ...exchanges.map(exchange))] : []),
    make('div', { className: 'diff' }, ...lines));
}

export function listenToStory() {
  byId('play-again').addEventListener('click', tell);
}
