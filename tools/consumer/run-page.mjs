import { use } from './page/page.js';

const { shape, refused } = await use();
if (!refused.startsWith('InputError')) throw new Error(`a checkpoint of zeros gave ${refused}`);
console.log(`bundler: ${shape}, ${refused}`);
