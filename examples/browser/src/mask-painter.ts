import { type Point, paintLine } from './mask';

/** A brush over a picture. */
export interface MaskPainter {
  /** A byte for each pixel, 1 = painted. */
  readonly missing: Uint8Array;
  clear(): void;
  /** Takes a picture of another size; what was painted is kept in its place. */
  resize(width: number, height: number): void;
}

/** How the brush is set at the moment. */
export interface Brush {
  /** In pixels of the picture. */
  readonly radius: number;
  readonly erases: boolean;
}

const arrows: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** Lets a mask be painted on a canvas, by pointer or by keyboard. */
export function maskPainter(
  canvas: HTMLCanvasElement,
  brush: () => Brush,
  onChange: (painted: number) => void,
): MaskPainter {
  const context = canvas.getContext('2d')!;
  let mask = { missing: new Uint8Array(1), width: 1, height: 1 };
  let cursor: Point = { x: 0, y: 0 };
  let last: Point | undefined;

  const draw = () => {
    const { width, height, missing } = mask;
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    // Opaque red where it is painted, as bytes ABGR; the style makes it see-through.
    for (let at = 0; at < missing.length; at++) if (missing[at]) pixels[at] = 0xff4d3be6;
    context.putImageData(image, 0, 0);
    if (canvas.matches(':focus-visible')) drawCursor();
  };
  const drawCursor = () => {
    const line = Math.max(1, mask.width / 300);
    for (const [colour, extra] of [
      ['#fff', line],
      ['#000', 0],
    ] as const) {
      context.strokeStyle = colour;
      context.lineWidth = line;
      context.beginPath();
      context.arc(cursor.x, cursor.y, brush().radius + extra, 0, 2 * Math.PI);
      context.stroke();
    }
  };
  /** On the canvas only a line is drawn: drawing all of a large mask again would stutter. */
  const paint = (to: Point) => {
    const { radius, erases } = brush();
    const from = last ?? to;
    paintLine(mask, [from, to], radius, erases ? 0 : 1);
    cursor = to;
    context.globalCompositeOperation = erases ? 'destination-out' : 'source-over';
    Object.assign(context, { lineWidth: 2 * radius, lineCap: 'round', strokeStyle: '#e63b4d' });
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
    context.globalCompositeOperation = 'source-over';
  };
  const finish = () => {
    last = undefined;
    draw();
    tell();
  };
  const tell = () => onChange(mask.missing.reduce((sum, one) => sum + one, 0));
  const place = (event: PointerEvent): Point => {
    const box = canvas.getBoundingClientRect();
    const scale = mask.width / box.width;
    return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
  };

  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = undefined;
    paint(place(event));
    last = place(event);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!last) return;
    paint(place(event));
    last = place(event);
  });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, finish);
  canvas.addEventListener('keydown', (event) => {
    const move = arrows[event.key];
    if (!move && event.key !== ' ') return;
    event.preventDefault();
    if (!move) {
      paint(cursor);
      finish();
      return;
    }
    const step = event.shiftKey ? Math.max(4, mask.width / 10) : Math.max(1, brush().radius);
    const within = (value: number, end: number) => Math.min(end, Math.max(0, value));
    cursor = {
      x: within(cursor.x + step * move.x, mask.width),
      y: within(cursor.y + step * move.y, mask.height),
    };
    draw();
  });
  for (const event of ['focus', 'blur']) canvas.addEventListener(event, draw);

  return {
    get missing() {
      return mask.missing;
    },
    clear() {
      mask.missing.fill(0);
      draw();
      tell();
    },
    resize(width, height) {
      const missing = new Uint8Array(width * height);
      for (let at = 0; at < missing.length; at++) {
        const row = Math.floor((Math.floor(at / width) * mask.height) / height);
        const column = Math.floor(((at % width) * mask.width) / width);
        missing[at] = mask.missing[row * mask.width + column]!;
      }
      mask = { missing, width, height };
      cursor = { x: width / 2, y: height / 2 };
      Object.assign(canvas, { width, height });
      draw();
      tell();
    },
  };
}
