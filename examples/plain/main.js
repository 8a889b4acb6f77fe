// No bundler: the folder `dist` of the package is served as `spgd`, and the model as `light`.
import { createRestorer } from './spgd/browser.js';

const find = (id) => document.getElementById(id);
const status = (text) => {
  find('status').textContent = text;
};

const restorer = createRestorer({ model: 'light/model.json' });
restorer.ready.then(
  ({ backend }) => status(`Ready on ${backend.name}.`),
  ({ message }) => status(message),
);

find('file').addEventListener('change', async ({ target }) => {
  const bitmap = await createImageBitmap(target.files[0]);
  const { width, height } = bitmap;
  const context = Object.assign(find('canvas'), { width, height }).getContext('2d');
  context.drawImage(bitmap, 0, 0);
  const photo = { width, height, values: context.getImageData(0, 0, width, height).data };

  const { noise } = await restorer.diagnose(photo);
  const job = { photo, task: 'denoise', noiseStd: Math.max(0.0025, noise?.std ?? 0) };
  const { seconds } = await restorer.estimate(job);
  status(`This takes about ${Math.ceil(seconds)} s.`);
  const { picture, box } = await restorer.restore(job, {
    onProgress({ share }) {
      find('progress').value = share;
    },
  });
  context.putImageData(new ImageData(picture.values, picture.width), box.left, box.top);
  status('Restored.');
});
