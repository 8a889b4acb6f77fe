/// <reference types="vite/client" />

/** Whether the page was built, and has a service worker. */
declare const IS_BUILT: boolean;
