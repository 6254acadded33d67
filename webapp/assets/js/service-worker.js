/**
 * Shows a page of ours when there is no network. It keeps the offline page and the files that this page needs,
 * nothing else: no page of a person, no photo, no answer of a form.
 *
 * The server puts SHELL before this text: {name, page, files}; `name` changes with every release.
 */
/* global SHELL */

addEventListener("install", (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

addEventListener("activate", (event) => {
  event.waitUntil(dropOld().then(() => self.clients.claim()));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => kept(SHELL.page)));
  else if (SHELL.files.includes(new URL(request.url).pathname)) event.respondWith(keptOrFetched(request));
});

/** Without cookies: what is kept belongs to nobody. */
async function keepShell() {
  const cache = await caches.open(SHELL.name);
  const addresses = [SHELL.page, ...SHELL.files];
  await cache.addAll(addresses.map((address) => new Request(address, { credentials: "omit", cache: "reload" })));
}

async function dropOld() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== SHELL.name).map((name) => caches.delete(name)));
}

async function kept(address) {
  return (await caches.match(address)) ?? Response.error();
}

/** The address names the content, so the kept one is never old. */
async function keptOrFetched(request) {
  return (await caches.match(request.url)) ?? fetch(request);
}
