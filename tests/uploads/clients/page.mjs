// `fetch` of a page in Chromium.

import { chromium } from 'playwright-core';

import { given, play } from './rounds.mjs';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
});
try {
  const page = await browser.newPage();
  await page.goto(given.base);
  await play((path, headers, content) =>
    page.evaluate(
      async ([path, headers, size, small]) => {
        // The content is made here, because a long argument would take longer than the upload.
        const body = small ?? 'x'.repeat(size);
        const response = await fetch(path, { method: 'PUT', headers, body });
        await response.text();
        return response.status;
      },
      [path, headers, content.length, content.length > 1000 ? null : content],
    ),
  );
} finally {
  await browser.close();
}
