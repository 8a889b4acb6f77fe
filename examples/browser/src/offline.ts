/** Longest wait in milliseconds for the service worker, before the page starts without it. */
const patience = 10_000;

const reloaded = 'spgd-reloaded';

const register = () =>
  IS_BUILT && 'serviceWorker' in navigator
    ? navigator.serviceWorker
        .register(new URL('./service-worker.js', document.baseURI), { scope: './' })
        .catch(() => undefined)
    : Promise.resolve(undefined);

/** Resolves when somebody begins to use the page. */
const firstUse = () =>
  new Promise<undefined>((resolve) => {
    for (const kind of ['pointerdown', 'keydown', 'dragenter', 'paste'])
      addEventListener(kind, () => resolve(undefined), { once: true, capture: true });
  });

/**
 * Installs the service worker, and resolves when the page may load what it computes with. Where the server
 * does not isolate the page, the service worker does, from the next load on: then the page loads once
 * more, unless somebody uses it already, and this never resolves.
 */
export async function startOffline(): Promise<void> {
  const registration = register();
  if (crossOriginIsolated || sessionStorage.getItem(reloaded)) return;
  const isActive = registration.then((found) => found && navigator.serviceWorker.ready);
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, patience, undefined));
  if (!(await Promise.race([isActive, firstUse(), late]))) return;
  sessionStorage.setItem(reloaded, 'yes');
  location.reload();
  await new Promise(() => {});
}

/** Keeps what the page has loaded, for the next visit without a network. */
export async function keepOffline(): Promise<void> {
  if (!IS_BUILT || !('serviceWorker' in navigator)) return;
  const { active } = await navigator.serviceWorker.ready;
  const urls = performance.getEntriesByType('resource').map(({ name }) => name);
  active?.postMessage({ keep: [document.baseURI, ...urls] });
}
