/** How large a photo is shown. */
export interface PhotoView {
  readonly zoom: number;
  /** Zooms about a point of the window, by default the middle of what is shown. */
  setZoom(zoom: number, at?: { x: number; y: number }): void;
}

interface Pinch {
  readonly span: number;
  readonly x: number;
  readonly y: number;
}

const pinchOf = ({ touches: [a, b] }: TouchEvent): Pinch => ({
  span: Math.hypot(a!.clientX - b!.clientX, a!.clientY - b!.clientY),
  x: (a!.clientX + b!.clientX) / 2,
  y: (a!.clientY + b!.clientY) / 2,
});

/**
 * Zooms a sheet inside its scroller: by a range input, by two fingers, and by the wheel with Ctrl.
 * `onPinch` is called when a second finger comes.
 */
export function photoView(
  scroller: HTMLElement,
  sheet: HTMLElement,
  input: HTMLInputElement,
  onPinch: () => void,
): PhotoView {
  let zoom = 1;
  const setZoom: PhotoView['setZoom'] = (to, at) => {
    const box = scroller.getBoundingClientRect();
    const { x, y } = at ?? { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    const from = sheet.getBoundingClientRect();
    const [across, down] = [(x - from.left) / from.width, (y - from.top) / from.height];
    zoom = Math.min(+input.max, Math.max(1, to));
    sheet.style.setProperty('--zoom', String(zoom));
    input.value = String(zoom);
    const now = sheet.getBoundingClientRect();
    scroller.scrollLeft += now.left + across * now.width - x;
    scroller.scrollTop += now.top + down * now.height - y;
  };
  input.addEventListener('input', () => setZoom(+input.value));
  scroller.addEventListener(
    'wheel',
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      setZoom(zoom * Math.exp(-event.deltaY / 200), { x: event.clientX, y: event.clientY });
    },
    { passive: false },
  );

  let last: Pinch | undefined;
  const start = (event: TouchEvent) => {
    if (event.touches.length !== 2) return;
    event.preventDefault();
    last = pinchOf(event);
    onPinch();
  };
  const move = (event: TouchEvent) => {
    if (!last || event.touches.length !== 2) return;
    event.preventDefault();
    const now = pinchOf(event);
    scroller.scrollLeft += last.x - now.x;
    scroller.scrollTop += last.y - now.y;
    setZoom((zoom * now.span) / last.span, now);
    last = now;
  };
  scroller.addEventListener('touchstart', start, { passive: false });
  scroller.addEventListener('touchmove', move, { passive: false });
  for (const end of ['touchend', 'touchcancel'] as const)
    scroller.addEventListener(end, () => {
      last = undefined;
    });
  return {
    get zoom() {
      return zoom;
    },
    setZoom,
  };
}
