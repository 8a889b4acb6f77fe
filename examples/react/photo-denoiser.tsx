import { type ChangeEvent, useRef, useState } from 'react';
import { useRestorer } from './use-restorer';

/** Denoises a photo that the user picks. */
export function PhotoDenoiser({ model }: { model: string }) {
  const restorer = useRestorer(model);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [share, setShare] = useState<number>();
  const [status, setStatus] = useState('');

  const denoise = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const bitmap = await createImageBitmap(target.files![0]!);
    const { width, height } = bitmap;
    const context = Object.assign(canvas.current!, { width, height }).getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    const { data: values } = context.getImageData(0, 0, width, height);
    const photo = { width, height, values };
    const { noise } = await restorer!.diagnose(photo);
    const { picture, box } = await restorer!.restore(
      { photo, task: 'denoise', noiseStd: Math.max(0.0025, noise?.std ?? 0) },
      { onProgress: (progress) => setShare(progress.share) },
    );
    context.putImageData(new ImageData(picture.values, picture.width), box.left, box.top);
    setStatus('Restored.');
  };

  return (
    <main>
      <h1>Denoise a photo</h1>
      <label>
        Photo <input type="file" accept="image/*" disabled={!restorer} onChange={denoise} />
      </label>
      <p role="status">{status || (restorer ? 'Ready.' : 'The model loads.')}</p>
      {share !== undefined && <progress value={share} aria-label="Progress" />}
      <canvas ref={canvas} />
    </main>
  );
}
