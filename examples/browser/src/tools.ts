import type { Tile } from 'spgd';
import type { Point } from './mask';
import type { Brush, MaskPainter } from './mask-painter';

/** What a pointer does on the photo. */
export type Tool = 'move' | 'paint' | 'frame';

/** What the tools work on. */
export interface ToolsOptions {
  /** The canvas over the photo that takes pointers and keys. */
  readonly canvas: HTMLCanvasElement;
  readonly scroller: HTMLElement;
  /** Shown where the brush is. */
  readonly circle: HTMLElement;
  /** Shown round what is framed. */
  readonly frame: HTMLElement;
  readonly painter: MaskPainter;
  readonly brush: () => Brush;
  readonly tool: () => Tool;
  /** Size of the photo in pixels. */
  readonly size: () => { width: number; height: number };
  readonly onFrame: () => void;
}

/** The tools on a photo. */
export interface Tools {
  /** The framed part of the photo; undefined for the whole. */
  framed: Tile | undefined;
  /** Ends what a finger had begun. */
  abandon(): void;
  /** Shows what belongs to the tool. */
  update(): void;
}

const arrows: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** Smallest side of a frame in pixels; a smaller one was a click. */
const leastFrame = 8;

/** Moves the photo, paints on it, or frames a part of it, by pointer or by keyboard. */
export function photoTools(options: ToolsOptions): Tools {
  const { canvas, scroller, circle, frame, painter, brush, tool, size, onFrame } = options;
  let framed: Tile | undefined;
  let begun: { at: Point; x: number; y: number } | undefined;
  let cursor: Point | undefined;

  const share = (value: number, of: number) => `${(100 * value) / of}%`;
  const put = (part: HTMLElement, { top, left, height, width }: Tile) => {
    const whole = size();
    Object.assign(part.style, {
      top: share(top, whole.height),
      left: share(left, whole.width),
      width: share(width, whole.width),
      height: share(height, whole.height),
    });
  };
  const update = () => {
    canvas.dataset.tool = tool();
    frame.hidden = !framed;
    if (framed) put(frame, framed);
    circle.hidden = !cursor || tool() !== 'paint';
    if (!cursor) return;
    const { radius, erases } = brush();
    const [left, top] = [cursor.x - radius, cursor.y - radius];
    put(circle, { left, top, width: 2 * radius, height: 2 * radius });
    circle.dataset.erases = String(erases);
  };
  const place = ({ clientX, clientY }: PointerEvent): Point => {
    const box = canvas.getBoundingClientRect();
    const scale = size().width / box.width;
    return { x: (clientX - box.left) * scale, y: (clientY - box.top) * scale };
  };
  const within = (value: number, end: number) => Math.round(Math.min(end, Math.max(0, value)));
  const between = (a: Point, b: Point): Tile => {
    const { width, height } = size();
    const [left, right] = [within(Math.min(a.x, b.x), width), within(Math.max(a.x, b.x), width)];
    const [top, bottom] = [within(Math.min(a.y, b.y), height), within(Math.max(a.y, b.y), height)];
    return { top, left, height: bottom - top, width: right - left };
  };
  const set = (tile: Tile | undefined) => {
    framed = tile && tile.width >= leastFrame && tile.height >= leastFrame ? tile : undefined;
    update();
  };

  const begin = (event: PointerEvent) => {
    if (event.button !== 0 || !event.isPrimary) return;
    const isTouch = event.pointerType !== 'mouse';
    if (tool() === 'move' && isTouch) return;
    canvas.setPointerCapture(event.pointerId);
    begun = { at: place(event), x: event.clientX, y: event.clientY };
    if (tool() === 'paint') painter.paint(begun.at);
  };
  const go = (event: PointerEvent) => {
    if (!event.isPrimary) return;
    cursor = place(event);
    if (begun && tool() === 'paint') painter.paint(cursor);
    if (begun && tool() === 'frame') set(between(begun.at, cursor));
    if (begun && tool() === 'move') {
      scroller.scrollLeft += begun.x - event.clientX;
      scroller.scrollTop += begun.y - event.clientY;
      begun = { ...begun, x: event.clientX, y: event.clientY };
    }
    update();
  };
  const end = (event: PointerEvent) => {
    if (!begun || !event.isPrimary) return;
    begun = undefined;
    if (tool() === 'paint') painter.finish();
    if (tool() === 'frame') onFrame();
  };
  canvas.addEventListener('pointerdown', begin);
  canvas.addEventListener('pointermove', go);
  canvas.addEventListener('pointerup', end);
  canvas.addEventListener('pointercancel', () => {
    begun = undefined;
    painter.abandon();
  });
  canvas.addEventListener('pointerleave', () => {
    cursor = undefined;
    update();
  });

  const brushKey = (key: string, far: boolean) => {
    const { width, height } = size();
    cursor ??= { x: width / 2, y: height / 2 };
    const move = arrows[key];
    if (!move) {
      painter.paint(cursor);
      painter.finish();
      return;
    }
    const step = far ? Math.max(4, width / 10) : Math.max(1, brush().radius);
    const limit = (value: number, most: number) => Math.min(most, Math.max(0, value));
    cursor = {
      x: limit(cursor.x + step * move.x, width),
      y: limit(cursor.y + step * move.y, height),
    };
  };
  /** Arrow keys move a frame, with Shift its lower right corner; Space begins one in the middle. */
  const frameKey = (key: string, resizes: boolean) => {
    const { width, height } = size();
    const now = framed ?? {
      top: height >> 2,
      left: width >> 2,
      height: height >> 1,
      width: width >> 1,
    };
    const move = arrows[key] ?? { x: 0, y: 0 };
    const step = Math.max(4, Math.round(width / 50));
    const [x, y] = [step * move.x, step * move.y];
    const [dx, dy] = resizes ? [0, 0] : [x, y];
    const from = {
      x: Math.min(width - now.width, Math.max(0, now.left + dx)),
      y: Math.min(height - now.height, Math.max(0, now.top + dy)),
    };
    const grow = resizes ? { x, y } : { x: 0, y: 0 };
    set(between(from, { x: from.x + now.width + grow.x, y: from.y + now.height + grow.y }));
    onFrame();
  };
  canvas.addEventListener('keydown', (event) => {
    if (tool() === 'move' || (!arrows[event.key] && event.key !== ' ')) return;
    event.preventDefault();
    if (tool() === 'paint') brushKey(event.key, event.shiftKey);
    else frameKey(event.key, event.shiftKey);
    update();
  });

  return {
    get framed() {
      return framed;
    },
    set framed(tile) {
      set(tile);
    },
    abandon() {
      if (begun && tool() === 'frame') set(undefined);
      begun = undefined;
      painter.abandon();
    },
    update,
  };
}
