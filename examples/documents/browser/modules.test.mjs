// How the modules of the page import each other.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';

const PAGE = new URL('../page/', import.meta.url);

/** The modules that must work without a browser's elements. */
const WITHOUT_ELEMENTS = ['compare', 'curl', 'drafts', 'editing', 'merge', 'merging', 'repeating', 'requests', 'storage', 'windows'];

/** What each module imports: a map from name to names. */
async function imports() {
  const files = (await readdir(PAGE)).filter(name => name.endsWith('.js'));
  return new Map(await Promise.all(files.map(async file => {
    const source = await readFile(new URL(file, PAGE), 'utf8');
    const imported = [...source.matchAll(/^(?:import|\}) .*?'\.\/(.*)\.js';$/gm)].map(match => match[1]);
    assert.equal(imported.length, source.match(/^import\b/gm)?.length ?? 0, `${file} has an import that this test does not see`);
    return [file.replace('.js', ''), imported];
  })));
}

test('imports lead down from start.js, and never in a circle', async () => {
  const modules = await imports();
  const done = new Set();
  const visit = (name, path) => {
    assert.ok(modules.has(name), `${path.at(-1)}.js imports ${name}.js, which does not exist`);
    assert.ok(!path.includes(name), `a circle: ${[...path, name].join(' → ')}`);
    if (done.has(name)) return;
    modules.get(name).forEach(imported => visit(imported, [...path, name]));
    done.add(name);
  };
  visit('start', []);
  assert.deepEqual([...modules.keys()].filter(name => !done.has(name)), [], 'modules that nothing imports');
});

test('modules without elements import none that has them', async () => {
  const modules = await imports();
  for (const name of WITHOUT_ELEMENTS) {
    assert.deepEqual(modules.get(name).filter(imported => !WITHOUT_ELEMENTS.includes(imported)), [], name);
    const source = await readFile(new URL(`${name}.js`, PAGE), 'utf8');
    const code = source.replace(/\/\*.*?\*\/|\/\/[^\n]*/gs, '');
    assert.doesNotMatch(code, /\bwindow\.|\bdocument\.(?!title\b|text\b)/, name);
  }
});
