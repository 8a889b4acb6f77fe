import type { Tile } from 'spgd';
import { cropDamage } from 'spgd/tasks';
import type { Action } from './history';
import { type Point, paintLine } from './mask';

/** A mask that is painted on a picture. */
export interface MaskPainter {
  /** A byte for each pixel, 1 = painted. */
  readonly missing: Uint8Array;
  /** Number of painted pixels. */
  readonly painted: number;
  /** Draws to a point, from where the stroke was. */
  paint(to: Point): void;
  /** Ends a stroke, which can then be undone. */
  finish(): void;
  /** Takes back the stroke that is being drawn. */
  abandon(): void;
  /** Replaces what is painted. */
  fill(missing: Uint8Array): void;
  /** Takes a picture of another size, with nothing painted. */
  resize(width: number, height: number): void;
}

/** How the brush is set at the moment. */
export interface Brush {
  /** In pixels of the picture. */
  readonly radius: number;
  readonly erases: boolean;
}

/** Largest side of the canvas: what is painted is kept at the size of the photo. */
const largestCanvas = 2048;

/** Lets a mask be painted over a picture; `onChange` takes each change as an action. */
export function maskPainter(
  canvas: HTMLCanvasElement,
  brush: () => Brush,
  onChange: (action?: Action) => void,
): MaskPainter {
  const context = canvas.getContext('2d')!;
  let mask = { missing: new Uint8Array(1), width: 1, height: 1 };
  let painted = 0;
  let stroke:
    | { before: Uint8Array; last: Point; box: [number, number, number, number] }
    | undefined;

  const scale = () => canvas.width / mask.width;
  const whole = (): Tile => ({ top: 0, left: 0, height: mask.height, width: mask.width });

  /** Draws a part of the mask again, opaque red; the style makes it translucent. */
  const draw = (box: Tile) => {
    const k = scale();
    const [left, top] = [Math.floor(box.left * k), Math.floor(box.top * k)];
    const width = Math.min(canvas.width, Math.ceil((box.left + box.width) * k)) - left;
    const height = Math.min(canvas.height, Math.ceil((box.top + box.height) * k)) - top;
    if (width <= 0 || height <= 0) return;
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let at = 0; at < pixels.length; at++) {
      const y = Math.min(mask.height - 1, Math.floor((top + Math.floor(at / width) + 0.5) / k));
      const x = Math.min(mask.width - 1, Math.floor((left + (at % width) + 0.5) / k));
      if (mask.missing[y * mask.width + x]) pixels[at] = 0xff4d3be6;
    }
    context.putImageData(image, left, top);
  };
  const count = (bytes: Uint8Array) => bytes.reduce((sum, one) => sum + one, 0);
  const put = (box: Tile, bytes: Uint8Array) => {
    painted += count(bytes) - count(cropDamage(mask, box).missing);
    for (let row = 0; row < box.height; row++)
      mask.missing.set(
        bytes.subarray(row * box.width, (row + 1) * box.width),
        (box.top + row) * mask.width + box.left,
      );
    draw(box);
  };
  /** A change inside a box as an action, from the mask as it was. */
  const changed = (before: Uint8Array, box: Tile): Action => {
    const own = mask;
    const [old, now] = [cropDamage({ ...own, missing: before }, box), cropDamage(own, box)];
    painted += count(now.missing) - count(old.missing);
    const swap = (bytes: Uint8Array) => () => {
      if (mask.width !== own.width || mask.height !== own.height) return;
      put(box, bytes);
      onChange();
    };
    return { undo: swap(old.missing), redo: swap(now.missing) };
  };

  return {
    get missing() {
      return mask.missing;
    },
    get painted() {
      return painted;
    },
    paint(to) {
      const { radius, erases } = brush();
      stroke ??= { before: mask.missing.slice(), last: to, box: [to.x, to.y, to.x, to.y] };
      const { last: from, box } = stroke;
      paintLine(mask, [from, to], radius, erases ? 0 : 1);
      stroke.last = to;
      stroke.box = [
        Math.min(box[0], to.x - radius),
        Math.min(box[1], to.y - radius),
        Math.max(box[2], to.x + radius),
        Math.max(box[3], to.y + radius),
      ];
      // Only a line is drawn: drawing all of a large mask again would stutter.
      const k = scale();
      context.globalCompositeOperation = erases ? 'destination-out' : 'source-over';
      Object.assign(context, {
        lineWidth: 2 * radius * k,
        lineCap: 'round',
        strokeStyle: '#e63b4d',
      });
      context.beginPath();
      context.moveTo(from.x * k, from.y * k);
      context.lineTo(to.x * k, to.y * k);
      context.stroke();
      context.globalCompositeOperation = 'source-over';
    },
    finish() {
      if (!stroke) return;
      const { before, box } = stroke;
      stroke = undefined;
      const left = Math.max(0, Math.floor(box[0]) - 1);
      const top = Math.max(0, Math.floor(box[1]) - 1);
      const right = Math.min(mask.width, Math.ceil(box[2]) + 1);
      const bottom = Math.min(mask.height, Math.ceil(box[3]) + 1);
      const area = {
        top,
        left,
        height: Math.max(0, bottom - top),
        width: Math.max(0, right - left),
      };
      draw(area);
      onChange(changed(before, area));
    },
    abandon() {
      if (!stroke) return;
      mask.missing.set(stroke.before);
      stroke = undefined;
      draw(whole());
    },
    fill(missing) {
      const before = mask.missing;
      mask = { ...mask, missing: missing.slice() };
      draw(whole());
      onChange(changed(before, whole()));
    },
    resize(width, height) {
      mask = { missing: new Uint8Array(width * height), width, height };
      painted = 0;
      stroke = undefined;
      const k = Math.min(1, largestCanvas / Math.max(width, height));
      Object.assign(canvas, { width: Math.round(width * k), height: Math.round(height * k) });
    },
  };
}
