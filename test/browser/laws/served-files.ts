/** Asks the server, and waits: tests read their reference numbers where they are declared. */
function request(method: string, url: URL): XMLHttpRequest {
  const asked = new XMLHttpRequest();
  asked.open(method, url, false);
  // Bytes arrive as the low halves of characters.
  asked.overrideMimeType('text/plain; charset=x-user-defined');
  asked.send();
  return asked;
}

/** Whether the folder of reference numbers is served; they all come with `unet-config.json`. */
export const existsSync = (folder: URL): boolean =>
  request('HEAD', new URL('unet-config.json', folder)).status === 200;

/** The bytes of a served file. */
export function readFileSync(url: URL): Uint8Array {
  const { status, responseText } = request('GET', url);
  if (status !== 200) throw new Error(`${url} gave ${status}`);
  return Uint8Array.from(responseText, (letter) => letter.charCodeAt(0) & 255);
}
