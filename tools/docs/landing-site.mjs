// Plugin of typedoc: a landing on the first page, and the search of Pagefind, which covers the text of all
// pages, in the place of typedoc's, which covers names.
import { cp, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JSX, PageEvent } from 'typedoc';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const raw = (html) => JSX.createElement(JSX.Raw, { html });

/** A replacement that must find its place, or typedoc writes other pages than it did. */
function replaced(text, place, by) {
  if (!text.includes(place)) throw new Error(`typedoc's page has no ${place}`);
  return text.replace(place, by);
}

/** Replaces typedoc's search, whose script needs its elements, and marks what Pagefind reads. */
function prepare(page) {
  let html = page.contents;
  const index =
    /<script async src="[^"]*assets\/search.js"/.exec(html)?.[0] ?? 'script of its search';
  html = replaced(html, index, '<script type="text/plain"');
  const trigger = '<button id="tsd-search-trigger"';
  const shown =
    '<pagefind-modal-trigger placeholder="Search" hide-shortcut></pagefind-modal-trigger>';
  html = replaced(html, trigger, `${shown}${trigger} hidden`);
  html = replaced(
    html,
    '<div class="col-content">',
    '<div class="col-content" role="main" data-pagefind-body>',
  );
  const sidebar = '<div class="col-sidebar">';
  page.contents = replaced(html, sidebar, '<div class="col-sidebar" role="complementary">');
}

export function load(app) {
  const hooks = app.renderer.hooks;
  // As classic scripts: Pagefind finds its index by the address of its own script.
  hooks.on('head.end', ({ relativeURL }) =>
    raw(
      `<link rel="stylesheet" href="${relativeURL('pagefind/pagefind-component-ui.css')}"/>` +
        `<script defer src="${relativeURL('pagefind/pagefind-component-ui.js')}"></script>`,
    ),
  );
  hooks.on('body.end', () => raw('<pagefind-modal reset-on-close></pagefind-modal>'));
  let landing = '';
  app.renderer.preRenderAsyncJobs.push(async () => {
    landing = await readFile(here('landing.html'), 'utf8');
  });
  hooks.on('content.begin', ({ page }) => raw(page.url === 'index.html' ? landing : ''));
  app.renderer.on(PageEvent.END, prepare);
  app.renderer.postRenderAsyncJobs.push(async ({ outputDirectory }) => {
    for (const picture of ['landing/before.webp', 'landing/after.webp', 'gallery/strip.webp'])
      await cp(
        here(`../../docs/images/${picture}`),
        join(outputDirectory, 'media', basename(picture)),
      );
  });
}
